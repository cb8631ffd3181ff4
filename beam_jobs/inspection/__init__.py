"""`inspect`: shows the instances of any shard, checks them, and prints their distributions."""
