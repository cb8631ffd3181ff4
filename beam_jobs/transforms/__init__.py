"""PTransforms, and the functions over files that their workers call."""
