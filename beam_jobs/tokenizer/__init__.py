"""Text to piece ids, identical id for id to the original BERT tokenizer, compiled."""
