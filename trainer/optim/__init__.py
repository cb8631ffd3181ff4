"""Optimizers as pure functions over trees of arrays: LAMB, AdamW, their learning-rate schedules and exclusions."""
