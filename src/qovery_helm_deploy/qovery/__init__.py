"""Speaks to Qovery's API."""
