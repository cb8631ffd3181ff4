"""Which files a job reads, and which bytes of them are one work item: a plan, made before anything is read."""
