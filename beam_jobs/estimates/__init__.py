"""What a job will make and cost, computed from what this machine measured in a sample of the input."""
