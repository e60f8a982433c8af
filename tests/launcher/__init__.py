"""What happens before the package runs."""
