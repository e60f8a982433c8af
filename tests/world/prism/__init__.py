"""Runs Stoplight Prism, an independent server that serves the specification and checks each call."""
