"""From instance shards to batches: what lies in a folder, in which order it is read, parsed, masked and packed."""
