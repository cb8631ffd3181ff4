"""The commands of the jobs and of vocab, a module each. `console/commands.py` loads them by name."""
