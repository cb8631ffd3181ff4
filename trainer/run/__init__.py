"""The output folder of a run: which run it belongs to, checkpoints, log, lock."""

from trainer import backend as backend  # before a module of this package imports Keras
