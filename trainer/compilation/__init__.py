"""A plan's training steps compiled ahead of time for a machine that is not here: fit, collectives, estimated time."""

from trainer import backend as backend  # before a module of this package imports Keras
