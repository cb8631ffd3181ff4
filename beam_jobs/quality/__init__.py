"""Quality of documents: a row of counters for each, and the published rules over it."""
