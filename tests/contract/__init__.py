"""Holds action.yml, the code and README.md to each other."""
