"""Vocabularies and model classes: what a piece id means, for the corpus jobs and the trainer alike."""
