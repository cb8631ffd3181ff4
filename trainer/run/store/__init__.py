"""Checkpoints of a run whose output is in an object store."""
