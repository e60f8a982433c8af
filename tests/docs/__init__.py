"""What the documentation promises: its workflows are valid, its links lead somewhere, and it knows every outcome."""
