"""What a model can be trained for: a task says which model, loss, fields of a batch and figures it has."""
