"""Whole deployments in-process, against the sandbox, on a clock that jumps."""
