"""Turns instance shards into batches: finds the shards, orders the rows, parses, masks and packs them."""
