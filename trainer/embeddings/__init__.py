"""Vectors of texts, words and pieces from any layers of a model."""
