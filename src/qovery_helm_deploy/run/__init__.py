"""Carries out one service's deployment: checks, requests, follows, cancels."""
