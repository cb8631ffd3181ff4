"""Reads labelled examples from the formats in which people keep them; a mistake in a file is one line with its row."""
