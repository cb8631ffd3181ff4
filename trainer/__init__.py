"""Trains a BERT from instance shards: Keras model, LAMB, multi-phase plans, exact resume, import and export."""

from trainer import backend as backend
