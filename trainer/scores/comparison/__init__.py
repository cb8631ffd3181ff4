"""Two sides of runs compared: every score by name on resamples of seeds and examples, by the multi-bootstrap."""
