"""A run's output folder: whose it is, its checkpoints, its log."""

from trainer import backend as backend  # before a module of this package imports Keras
