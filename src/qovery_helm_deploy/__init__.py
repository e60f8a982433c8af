"""Deploys helm services on Qovery from a GitHub workflow and reports what became of them."""

__version__ = "1.0.0"
