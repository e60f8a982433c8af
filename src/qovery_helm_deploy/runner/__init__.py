"""Speaks to the GitHub runner, through actions-toolkit."""
