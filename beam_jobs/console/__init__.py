"""The behaviour of every command: how its arguments are read, how it reports a mistake, and how it ends when interrupted."""
