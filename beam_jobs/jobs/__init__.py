"""The jobs. Each folder is one: what its workers know (job), its steps, its end (finish) and their wiring (pipeline)."""
