"""Checks that action.yml, the code and README.md agree."""
