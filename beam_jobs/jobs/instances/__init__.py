"""Sentence shards to shards of pretraining instances."""
