"""How any job is run: on a runner, resumable, with its output folder, progress, failures and statistics."""
