"""Duplicates of a whole corpus, found in rounds of calls that read and write sorted binary files in the work folder.

    plan -> copies (exact keys) -> [mark -> links (bands) -> pairs] -> choice -> kept -> removed

Each call is one item of `run_once`: it reads its part of every file of the round before, and writes one file. So no call
holds more than its part of the corpus, and Beam carries only the names of what is to be done.
"""
