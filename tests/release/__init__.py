"""What a release tag carries, built from the locked wheels and run as a release."""
