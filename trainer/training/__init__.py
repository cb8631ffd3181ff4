"""The training itself: data to batches, step, loop, evaluation, on whatever devices there are."""

from trainer import backend as backend  # before a module of this package imports Keras
