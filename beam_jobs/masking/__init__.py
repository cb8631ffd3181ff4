"""Which pieces the model is to predict and what stands in their place; one set of rules for the jobs and the trainer."""
