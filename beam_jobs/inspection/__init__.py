"""`inspect`: look at the instances of any shard, check them, see their distributions."""
