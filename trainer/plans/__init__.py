"""Training plans: their settings, how they are read and written, and the plans that come with the trainer."""
