"""Optimizers as pure functions over trees of arrays: LAMB, AdamW, their learning-rate schedules and exclusions."""

from trainer import backend as backend  # before a module of this package imports Keras
