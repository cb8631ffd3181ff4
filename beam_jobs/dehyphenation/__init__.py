"""Hyphens that divide words at the ends of lines, and what becomes of them: decided by how often a corpus has the words."""
