"""Raw documents to sentence shards."""
