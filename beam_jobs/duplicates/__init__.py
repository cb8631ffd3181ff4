"""Duplicate documents: keys of a text, and which copies stay. Arrays in, arrays out."""
