"""The file of keys that each range of the segment job writes beside its text, for the search for duplicates."""
