"""Checkpoints in and out: Hugging Face, original BERT, Model Garden, SavedModel; each compared with the model itself."""
