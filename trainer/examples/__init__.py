"""Labelled examples: read from files, turned into pieces, windows and batches. Pure: neither Keras nor JAX nor TensorFlow."""
