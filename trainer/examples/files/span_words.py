"""Words of a text, and the tags of spans over them.

A word is a run of letters, digits and underscores; every other character that is not white space is a word of its own.
Combining marks and format characters (a soft hyphen, a joiner) belong to what stands before them, so that no word
begins inside of a character as readers see it. These are the words that BERT's own tokenizer separates, and a symbol
such as "€" besides.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from beam_jobs.errors import UserError
from trainer.examples.example import Place


@dataclass(frozen=True)
class Span:
    """A labelled stretch of a text: characters [start, end)."""

    start: int
    end: int
    label: str


def word_spans(text: str) -> tuple[tuple[int, int], ...]:
    """The first character of each word of a text, and the one behind it."""
    found: list[tuple[int, int]] = []
    open_word = False  # whether the last word is one of letters and goes on
    for place, character in enumerate(text):
        category = unicodedata.category(character)
        if character.isspace() or category in ("Cc", "Zs", "Zl", "Zp"):
            open_word = False
        elif category[0] == "M" or category == "Cf":
            if found and found[-1][1] == place:
                found[-1] = (found[-1][0], place + 1)
            else:
                found.append((place, place + 1))
                open_word = True
        elif category[0] in "LN" or character == "_":
            if open_word and found[-1][1] == place:
                found[-1] = (found[-1][0], place + 1)
            else:
                found.append((place, place + 1))
            open_word = True
        else:
            found.append((place, place + 1))
            open_word = False
    return tuple(found)


def tags_of_spans(
    spans: Sequence[Span], words: Sequence[tuple[int, int]], text: str, place: Place
) -> tuple[tuple[str, ...], int]:
    """The IOB2 tags of words, and the number of spans that begin or end inside of a word and were widened to it.

    Raises UserError for a span outside of the text, one without a word, and two that overlap.
    """
    tags, widened, behind = ["O"] * len(words), 0, 0
    before: Span | None = None
    for span in sorted(spans, key=lambda span: (span.start, span.end)):
        where = f"the span [{span.start}, {span.end}) {span.label}"
        if not 0 <= span.start < span.end <= len(text):
            raise UserError(f"{place}: {where} is not inside of the text, which has {len(text)} characters; mend it")
        if before is not None and span.start < before.end:
            other = f"[{before.start}, {before.end}) {before.label}"
            raise UserError(f"{place}: {where} overlaps {other}; a word can have one tag, so keep one of them")
        covered = [i for i, (start, end) in enumerate(words) if start < span.end and span.start < end]
        if not covered:
            raise UserError(f"{place}: {where} holds no word; mend or remove it")
        if covered[0] < behind:
            raise UserError(f"{place}: {where} begins in a word of the span before it; let both begin and end at words")
        first, last = covered[0], covered[-1]
        widened += words[first][0] < span.start or words[last][1] > span.end
        tags[first : last + 1] = [f"B-{span.label}", *[f"I-{span.label}"] * (last - first)]
        before, behind = span, last + 1
    return tuple(tags), widened
