"""Pure functions over token arrays: pairing, masking and encoding of pretraining instances."""
