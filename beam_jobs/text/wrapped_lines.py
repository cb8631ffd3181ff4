"""Joins the lines of hard-wrapped text, which were broken at a fixed width: e-mail, old text files, scanned columns."""

import re
from collections.abc import Sequence
from itertools import pairwise

_NARROWEST, _WIDEST = 24, 160  # characters; people wrap text at widths in this range, newspapers at the narrowest
_FILLED = 0.9  # of the width; a line is filled if it and the next word together reach this
_LONGER = 1.25  # of the width; a longer line was not wrapped with the others
_QUITE_FILLED = (
    0.75  # of the width; of wrapped text, a shorter line within a sentence stays: it is of a verse or a list
)
_WORD = 0.4  # of the width; the next word counts as no longer, as in Chinese, where it is the whole line
_STOPS = tuple('.!?…:;"»”)。！？।')
_BULLETS = ("- ", "* ", "• ", "· ", "▪ ", "+ ")
# A line break after which a sentence goes on; it begins with a literal, which makes the search fast.
_GOES_ON = re.compile(r'\n(?<![.!?…:;"»”)]\n)[ \t]*+[^\W\d_A-Z]')

# What a line break is. A sentence goes on after it if no stop stands before it, and a letter other than a capital after it.
_WITHIN = 0  # after a filled line with a letter at its end, where the sentence goes on
_UNCASED = 1  # the same in text or scripts without capitals, where a new line of a list looks like this, too
_COMMA = 2  # after a filled line with a comma or another sign at its end, where the sentence goes on: in verse, too
_STOP = 3  # after a filled line with a stop at its end: where each sentence has a line of its own, too
_CAPITAL = 4  # after a filled line without a stop, before a capital or a sign: a name, but also a verse or a headline
_HEADING = 5  # the same after a line in which the next word had room
_ROOM = 6  # where the sentence goes on, though the next word had room in the line
_END = 7  # the end of a paragraph, of a row of a table, or of a line that was not wrapped

# What each kind says for wrapping (above 0) or against it, in the order of the kinds.
_WIDE = (6, 3, 2, -1, -1, -2, -6, 0)
_NARROW = (5, 3, -5, -3, 0, -1, -12, 0)  # verse is narrow, too, and many of its lines end with a phrase
_NARROW_EXACT = (6, 3, -3, -2, -1, -1, -15, 0)  # each filled line with the next word is longer than the longest line
_WIDTH_OF_VERSE = 50  # characters; verse is seldom wider
_WIDTH_OF_LISTS = 36  # characters; items of lists and titles are seldom wider, and one that goes on proves nothing
_ENOUGH, _ENOUGH_IF_NARROW = 5, 10
_COLUMNS = "   "  # spaces between the columns of a table


def may_be_wrapped(text: str, lines: int) -> bool:
    """A quick test that rules out nearly all other text of so many lines: the lines are short, and somewhere a sentence goes
    on after a break.
    """
    return lines > 1 and len(text) <= (_WIDEST + 1) * lines and _GOES_ON.search(text) is not None


def join_wrapped_lines(lines: Sequence[str]) -> list[str]:
    """The lines, where each line that was broken only because it was full is joined to the next by a space.

    A line is filled if the next word would have made it about as long as the lines of the document are, or longer. The
    breaks of the document are evidence: it is wrapped if enough sentences go on after filled lines, and few after others.
    Narrow text needs more of it. In wrapped text a filled line is joined to the next one. A line that had room for the next
    word ends a paragraph, and stays as it is. Other documents, such as verse, lists and one sentence a line, come back
    unchanged.
    """
    stripped = [line.strip() for line in lines]
    lengths = sorted(filter(None, map(len, stripped)))
    # The width that nine lines in ten keep to: a scanned line may have more characters than the others.
    width = lengths[len(lengths) - 1 - len(lengths) // 10] if lengths else 0
    if not _NARROWEST <= width <= _WIDEST:
        return list(lines)
    kinds, least = _kinds_of_breaks(lines, stripped, width)
    evidence = _WIDE if width >= _WIDTH_OF_VERSE else _NARROW_EXACT if least > lengths[-1] else _NARROW
    enough = _ENOUGH if width >= _WIDTH_OF_LISTS else _ENOUGH_IF_NARROW
    if sum(kinds.count(kind) * evidence[kind] for kind in range(_END)) < enough:
        return list(lines)
    joined: list[list[str]] = [stripped[:1]]
    for line, following, kind in zip(stripped, stripped[1:], kinds, strict=False):
        if kind == _ROOM:
            join = len(line) >= _QUITE_FILLED * width and _ends_within(line)
        else:
            join = kind <= _COMMA or (kind <= _CAPITAL and not following.startswith(_BULLETS))
        if join:
            joined[-1].append(following)
        else:
            joined.append([following])
    return [" ".join(parts) for parts in joined]


def _kinds_of_breaks(raw: Sequence[str], lines: Sequence[str], width: int) -> tuple[list[int], float]:
    """The kind of each break between two lines, `raw` or stripped, and the least length of a line with the next word where
    a sentence goes on.
    """
    room, longest, word_room = _FILLED * width, _LONGER * width, int(_WORD * width)
    within = _UNCASED if all(line.islower() for line in lines if line) else _WITHIN
    least = float(_WIDEST)
    kinds = []
    for number, (line, following) in enumerate(pairwise(lines)):
        if not following or not 0 < len(line) <= longest or _COLUMNS in line:
            kinds.append(_END)
            continue
        word = following.find(" ", 0, word_room)
        length = len(line) + 1 + (min(len(following), word_room) if word < 0 else word)
        first = following[0]
        if line.endswith(_STOPS):
            kinds.append(_STOP if length >= room else _END)
        elif not first.isalpha() or first.isupper():
            kinds.append(_CAPITAL if length >= room else _HEADING)
        elif raw[number][-1] == " " == raw[number + 1][0]:
            kinds.append(_END)  # wrapping puts a break in the place of a space
        else:
            least = min(length, least)
            if length < room:
                kinds.append(_ROOM)
            elif not _ends_within(line):
                kinds.append(_COMMA)
            else:
                kinds.append(within if first.islower() else _UNCASED)
    return kinds, least


def _ends_within(line: str) -> bool:
    """Whether no sign shows that a phrase ends with the line. A hyphen may have divided a word."""
    return line[-1].isalpha() or line[-1] == "-"
