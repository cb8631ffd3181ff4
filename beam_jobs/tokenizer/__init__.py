"""The WordPiece tokenizer, compiled, with exactly the ids of the original BERT tokenizer; subwords by a library."""
