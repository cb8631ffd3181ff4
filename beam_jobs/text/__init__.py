"""Pure functions over text: strings in, strings out; no Beam, no TensorFlow."""
