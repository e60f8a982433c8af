"""Runs the workflows in tests/workflows with nektos/act, on this host and without a container."""
