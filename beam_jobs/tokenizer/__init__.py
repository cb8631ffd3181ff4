"""The WordPiece tokenizer, compiled. It gives exactly the ids of the original BERT tokenizer."""
