"""The filters of the segment job that need to see nothing but a batch of documents."""
