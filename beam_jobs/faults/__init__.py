"""Faults of the input: what is set aside, what is kept after a repair, and what the user is told about it."""
