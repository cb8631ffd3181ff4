"""Fine-tuning: from labelled files and a model to a run that predicts, and its scores."""
