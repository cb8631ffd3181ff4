"""Reads and writes checkpoints of other tools: Hugging Face, original BERT, Model Garden, SavedModel.

Exports are verified.
"""
