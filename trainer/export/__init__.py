"""Reads and writes checkpoints of other tools: Hugging Face, original BERT, Model Garden, SavedModel.

Exports are verified.
"""

from trainer import backend as backend  # before a module of this package imports Keras
