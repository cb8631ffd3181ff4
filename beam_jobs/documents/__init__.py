"""What a raw document is: the reader of each format, and what is set aside on the way."""
