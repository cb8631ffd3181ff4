"""Text to a WordPiece vocabulary."""
