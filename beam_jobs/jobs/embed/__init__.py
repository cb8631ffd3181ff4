"""Raw documents to shards of vectors."""
