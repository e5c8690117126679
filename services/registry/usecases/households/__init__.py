"""Finds households that have nobody employed, helps them in time, and plans for each."""
