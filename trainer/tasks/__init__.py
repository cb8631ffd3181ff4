"""Tasks, for which a model is trained. A task defines its model, its loss, the fields of a batch, and its figures."""
