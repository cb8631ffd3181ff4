"""Beam jobs that turn raw text of any size into BERT pretraining corpora."""
