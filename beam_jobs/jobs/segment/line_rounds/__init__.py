"""Lines that stand in many documents, found and left out in rounds like those of `duplicate_rounds`.

    plan -> left_out (who takes part) -> forms (which lines) -> gather -> cut (what each document loses)

They come after the rounds of duplicates: a copy that leaves does not make its lines stand in one more document.
"""
