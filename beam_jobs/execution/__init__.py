"""Runs any job: launch, runner, resuming, output folder, progress, failures, statistics."""
