"""The network: embeddings, post-LayerNorm encoder, masked-LM and next-sentence heads."""

from trainer import backend as backend  # before a module of this package imports Keras
