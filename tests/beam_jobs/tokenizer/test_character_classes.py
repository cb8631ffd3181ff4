import unicodedata

import numpy as np

from beam_jobs.tokenizer.character_classes import (
    CJK,
    CODE_POINTS,
    CONTEXT,
    KIND,
    MAPPED,
    PUNCTUATION,
    REMOVED,
    SPACE,
    STRIPPED,
    WORD,
    character_tables,
)
from beam_jobs.tokenizer.reference_tokenizer import _becomes_space
from vocab.characters import is_dropped, is_ideograph, is_punctuation


def test_every_character_is_what_the_plain_tokenizer_takes_it_for() -> None:
    classes = character_tables(False).classes
    kinds = classes & KIND
    expected = np.full(CODE_POINTS, WORD)
    stripped = np.zeros(CODE_POINTS, bool)
    for c in map(chr, range(CODE_POINTS)):
        if is_dropped(c):
            expected[ord(c)] = REMOVED
        elif is_ideograph(c):
            expected[ord(c)] = CJK
        elif c.isspace():
            assert _becomes_space(c) or unicodedata.category(c) in ("Zl", "Zp")
            expected[ord(c)] = SPACE
        elif is_punctuation(c):
            expected[ord(c)] = PUNCTUATION
        stripped[ord(c)] = c.isspace()
    assert np.array_equal(kinds, expected)
    assert np.array_equal((classes & STRIPPED) != 0, stripped)
    assert not (classes & (MAPPED | CONTEXT)).any()


def test_lower_casing_never_makes_more_characters_than_there_were_bytes() -> None:
    """The kernel's output has room for one piece per byte of text."""
    tables = character_tables(True)
    for c in np.flatnonzero(tables.classes & MAPPED).tolist():
        start = tables.mapped_start[c]
        spelling = tables.mapped[start + 1 : start + 1 + tables.mapped[start]]
        assert len(spelling) <= len(chr(c).encode())
        kinds = set((tables.classes[spelling] & KIND).tolist())
        assert kinds <= {WORD, PUNCTUATION} or (
            kinds == {CJK} and len(spelling) == 1 and tables.classes[c] & KIND == CJK
        )


def test_few_characters_need_their_context() -> None:
    context = np.flatnonzero(character_tables(True).classes & CONTEXT)
    assert 0x3A3 in context
    assert len(context) < 100
