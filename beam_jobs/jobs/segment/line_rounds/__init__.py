"""Lines that stand in many documents, and documents made of lines of longer ones, found and left out in rounds like those of `duplicate_rounds`.

    plan -> left_out (who takes part) -> [shared -> contained -> holders] -> forms (which lines) -> gather -> cut

They come after the rounds of duplicates: a copy that leaves does not make its lines stand in one more document. Contained documents leave
before lines are counted, for the same reason.
"""
