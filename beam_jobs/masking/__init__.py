"""Masking: which pieces the model must predict, and what replaces them. The jobs and the trainer share these rules."""
