"""Learns a WordPiece vocabulary from word counts."""
