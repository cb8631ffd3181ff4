"""The jobs: wiring of transforms, nothing else."""
