"""The jobs, a folder each: what the workers know (job), the steps, the end (finish), and the pipeline of these."""
