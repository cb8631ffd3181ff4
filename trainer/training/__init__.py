"""The training: preparation of a run, loop, step, evaluation, guard, rollbacks."""

from trainer import backend as backend  # before a module of this package imports Keras
