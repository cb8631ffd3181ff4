"""A run's output folder: whose it is, its checkpoints, its log."""
