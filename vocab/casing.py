"""Checks that the casing of a vocabulary fits the model class that uses it."""

import unicodedata
from collections.abc import Iterable

from vocab.vocabulary import CONTINUATION, SPECIAL_PIECES, UNUSED_PIECE

_ENOUGH = 200  # pieces with cased letters; a vocabulary with fewer is of a script without case
_CAPITALS = 0.01  # share of those; published cased vocabularies have 20 to 33 %, uncased ones none
_CHANGED = 0.05  # share of the pieces; published uncased vocabularies have none


def casing_problem(pieces: Iterable[str], lower_case: bool) -> str:
    """What is wrong if a model class with this `lower_case` uses these pieces; empty if nothing is."""
    bodies = [
        piece.removeprefix(CONTINUATION)
        for piece in pieces
        if piece not in SPECIAL_PIECES and not UNUSED_PIECE.fullmatch(piece)
    ]
    if lower_case:
        changed = sum(body != _lower_cased(body) for body in bodies)
        if changed <= _CHANGED * len(bodies):
            return ""
        return (
            f"{changed:,} of its {len(bodies):,} pieces ({changed / len(bodies):.1%}) have capitals or accents, but the model "
            "class takes these from the text, so that they never occur: is it a cased vocabulary? then name a class whose "
            "lower_case is false, or else an uncased vocabulary"
        )
    with_cases = [body for body in bodies if body.lower() != body.upper()]
    capitals = sum(body != body.lower() for body in with_cases)
    if len(with_cases) < _ENOUGH or capitals >= _CAPITALS * len(with_cases):
        return ""
    return (
        f"{capitals:,} of its {len(with_cases):,} pieces with letters ({capitals / len(with_cases):.1%}) have a capital, but the "
        "model class leaves the text's capitals in, so that words with capitals become [UNK]: is it an uncased vocabulary? "
        "then name a class whose lower_case is true, or else a cased vocabulary"
    )


def _lower_cased(text: str) -> str:
    """The text as BERT's uncased models read it: lower-cased, decomposed and without accents."""
    return "".join(c for c in unicodedata.normalize("NFD", text.lower()) if unicodedata.category(c) != "Mn")
