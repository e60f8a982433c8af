"""The workflows of tests/workflows, run as GitHub would run them by nektos/act: on this host, with no container."""
