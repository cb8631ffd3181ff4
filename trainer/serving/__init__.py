"""A model behind a port: its vectors, predictions and fillings for any program that speaks HTTP and JSON."""
