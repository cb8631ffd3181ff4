"""Reads raw documents: a reader for each format, and what is set aside because it cannot be read."""
