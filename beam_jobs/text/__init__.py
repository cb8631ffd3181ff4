"""Sentence segmentation and cleaning of text. Pure functions: strings in, strings out, without Beam or TensorFlow."""
