"""Stoplight Prism, a server that knows nothing of this project: it serves the specification and checks each call."""
