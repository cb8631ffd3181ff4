"""Held-out sets: the word n-grams of evaluation texts, and the documents that share one. Arrays in, arrays out."""
