"""Makes pretraining instances from tokenized text: pairs, packing, encoding, counts. Pure functions over arrays."""
