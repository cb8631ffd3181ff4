"""Sentences of words as windows of pieces, for tagging."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trainer.examples.example import WordsExample
from trainer.examples.text_pieces import TextPieces
from trainer.examples.windows import WindowSettings, best_windows, windows


@dataclass(frozen=True, eq=False)
class WordWindow:
    """One row: `[CLS] pieces [SEP]`, and the words that are predicted in it, at their first pieces.

    Attributes:
        example: which example it is a part of.
        ids: int32 [pieces].
        segment_ids: int32 [pieces], zeros.
        first_pieces: int32 [words here], the place of the first piece of each word in the row.
        words: int32 [words here], which words of the example these are.
    """

    example: int
    ids: np.ndarray
    segment_ids: np.ndarray
    first_pieces: np.ndarray
    words: np.ndarray


def encode_words(examples: Sequence[WordsExample], pieces: TextPieces, settings: WindowSettings) -> list[WordWindow]:
    """The windows of each example, in order.

    Words are joined by spaces and read as one text. A sentence that does not fit has several windows, and each of its
    words is predicted in exactly one: the one that shows most of what is around its first piece. A word without any piece,
    such as a zero-width space, is in none; what is predicted for it is O. A window that predicts nothing is left out.

    Raises UserError if the settings leave no room.
    """
    settings.validate()
    texts = [" ".join(example.words) for example in examples]
    found = []
    for number, (example, encoded) in enumerate(zip(examples, pieces.encode(texts), strict=True)):
        lengths = np.array([len(word) + 1 for word in example.words])
        begins = np.cumsum(lengths) - lengths
        words, first = np.unique(np.searchsorted(begins, encoded.starts, "right") - 1, return_index=True)
        cut = windows(len(encoded), settings.room, settings.window_overlap)
        best = best_windows(cut, len(encoded))[first]
        for window, (start, end) in enumerate(cut):
            here = best == window
            if not here.any():
                continue
            places = (1 + first[here] - start).astype(np.int32)
            row = pieces.row(encoded.ids[start:end])
            found.append(WordWindow(number, *row, places, words[here].astype(np.int32)))
    return found


def word_remarks(examples: Sequence[WordsExample], rows: Sequence[WordWindow]) -> tuple[str, ...]:
    """What is unusual about words, in words: sentences in several windows, and words without pieces."""
    remarks = []
    total, predicted = sum(len(example.words) for example in examples), sum(len(row.words) for row in rows)
    windowed = len({row.example for row in rows})
    if len(rows) > windowed:
        remarks.append(f"{len(examples):,} sentences lie in {len(rows):,} windows, because some are too long for one")
    if predicted < total:
        remarks.append(
            f"{total - predicted:,} of {total:,} words have no piece in the vocabulary's eyes, such as zero-width spaces; they "
            "are tagged O"
        )
    return tuple(remarks)
