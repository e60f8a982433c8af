"""Qovery's own command-line client and this action in the same situations, side by side."""
