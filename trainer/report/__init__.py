"""One page about one or several training runs, made from what their folders hold."""
