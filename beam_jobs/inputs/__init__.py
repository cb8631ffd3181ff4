"""The plan of a job's input: which files it reads, and which bytes of them make one work item. Made before reading."""
