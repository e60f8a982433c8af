"""Deploys helm services on Qovery from a GitHub workflow and reports what became of them."""

import os

# Otherwise pydantic searches every installed package for plugins, at each start.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

__version__ = "1.0.0"
