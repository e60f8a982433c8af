"""Decides what a deployment's evidence means; pure: no clock, no input or output."""
