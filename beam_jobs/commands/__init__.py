"""A module for each command of the jobs and of vocab, loaded by its name in `console/commands.py`."""
