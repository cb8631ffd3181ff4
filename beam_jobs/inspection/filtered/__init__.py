"""`inspect --filtered`: documents that the filters took, beside those that are kept for them."""
