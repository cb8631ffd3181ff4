"""Joins the lines of hard-wrapped text, which were broken at a fixed width, as in e-mail and old text files."""

from collections.abc import Sequence
from itertools import pairwise

_NARROWEST, _WIDEST = 30, 120  # characters; people wrap text at widths in this range
_FILLED = 0.9  # of the widest line; a line is "filled" if it and the next word together reach this
_MOST = 0.7  # of the line breaks; in wrapped text, at least this share comes after filled lines
_MID_SENTENCE = 0.25  # of the filled lines; in wrapped text, at least this share breaks inside a sentence
_ENDS = tuple('.!?…:;"»”)')


def may_be_wrapped(lines: Sequence[str]) -> bool:
    """A quick test that rules out nearly all other text: wrapped text has several lines, and none of them is long."""
    return len(lines) > 2 and _NARROWEST <= max(map(len, lines)) <= _WIDEST


def join_wrapped_lines(lines: Sequence[str]) -> list[str]:
    """The lines, where each line that was broken only because it was full is joined to the next by a space.

    A line is filled if the next word would have made it about as long as the longest line, or longer. A document counts
    as wrapped if most of its lines are filled and many of these break inside a sentence: no stop before the break,
    lower case after it. In such a document a filled line is joined to the next one. A line that had room for the next
    word ends a paragraph, and stays as it is. Other documents, such as verse, lists and one sentence a line, come back
    unchanged.
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
