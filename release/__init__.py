"""Builds and checks what a release tag carries beyond what is on main."""
