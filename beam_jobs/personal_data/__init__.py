"""Personal data in text: what is found by its form and its checksum, and what stands in its place. Strings in and out."""
