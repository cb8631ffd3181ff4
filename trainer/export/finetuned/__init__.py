"""Hugging Face folders of models with the head of a task."""
