"""Vocabularies and model classes: what a piece id means, for both the jobs and the trainer."""
