"""Hard-wrapped text: lines that were broken at a width, as in e-mail and old text files, put together again."""

from collections.abc import Sequence
from itertools import pairwise

_NARROWEST, _WIDEST = 30, 120  # characters: the widths people wrap at
_FILLED = 0.9  # of the widest line: a wrapped line and the next word together reach at least this
_MOST = 0.7  # of the line breaks are at filled lines, in wrapped text
_MID_SENTENCE = 0.25  # of the filled lines, at least, break inside a sentence
_ENDS = tuple('.!?…:;"»”)')


def may_be_wrapped(lines: Sequence[str]) -> bool:
    """A quick test that lets nearly all text pass by: several lines, none of them long."""
    return len(lines) > 2 and _NARROWEST <= max(map(len, lines)) <= _WIDEST


def join_wrapped_lines(lines: Sequence[str]) -> list[str]:
    """The lines, with those that were broken only because they were full joined to the next by a space.

    A document counts as wrapped when most of its lines were filled (the next word would have made them about as long as
    the longest line, or longer) and many of the filled ones break inside a sentence: no stop before, lower case after.
    Then a filled line continues on the next one; a line that had room for the next word ended a paragraph, and stays
    an end. Other documents come back as they are, in particular verse, lists and one sentence a line.
    """
    stripped = [line.strip() for line in lines]
    room = _FILLED * max(map(len, stripped), default=0)
    breaks = filled = inside = 0
    joined: list[list[str]] = [stripped[:1]]
    for line, following in pairwise(stripped):
        full = False
        if line and following:
            breaks += 1
            full = len(line) + 1 + len(following.partition(" ")[0]) >= room
            filled += full
            inside += full and following[0].isalpha() and not following[0].isupper() and not line.endswith(_ENDS)
        if full:
            joined[-1].append(following)
        else:
            joined.append([following])
    if filled < 2 or filled < _MOST * breaks or inside < _MID_SENTENCE * filled:
        return list(lines)
    return [" ".join(parts) for parts in joined]
