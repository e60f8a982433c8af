"""Measures what a user feels: how long the step takes beyond the deployment, and what it costs."""
