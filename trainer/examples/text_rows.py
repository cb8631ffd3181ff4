"""Texts and pairs of texts as rows of pieces, for classification and regression."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from beam_jobs.errors import UserError
from trainer.examples.example import TextExample
from trainer.examples.text_pieces import TextPieces


@dataclass(frozen=True, eq=False)
class EncodedText:
    """One row: `[CLS] text [SEP]`, or `[CLS] text [SEP] pair [SEP]`.

    Attributes:
        example: which example it is.
        ids: int32 [pieces].
        segment_ids: int32 [pieces], 1 for the pair and its [SEP].
        cut: the number of pieces that did not fit.
    """

    example: int
    ids: np.ndarray
    segment_ids: np.ndarray
    cut: int


def encode_texts(examples: Sequence[TextExample], pieces: TextPieces, max_seq_length: int) -> list[EncodedText]:
    """One row for each example, in their order.

    A text that is too long loses its end. Of a pair, the longer text is cut until both fit, as in google-research/bert.

    Raises UserError if `max_seq_length` leaves no room for a piece of each text.
    """
    firsts = pieces.ids([example.text for example in examples])
    seconds = iter(pieces.ids([example.pair for example in examples if example.pair is not None]))
    special = 2 + (len(pieces.between) if any(example.pair is not None for example in examples) else 0)
    if max_seq_length <= special:
        raise UserError(f"--max_seq_length {max_seq_length} leaves no room beside special pieces; name more")
    rows = []
    for number, (example, first) in enumerate(zip(examples, firsts, strict=True)):
        if example.pair is None:
            kept = min(len(first), max_seq_length - 2)
            rows.append(EncodedText(number, *pieces.row(first[:kept]), len(first) - kept))
        else:
            rows.append(_pair(number, first, next(seconds), pieces, max_seq_length))
    return rows


def _pair(number: int, first: np.ndarray, second: np.ndarray, pieces: TextPieces, max_seq_length: int) -> EncodedText:
    kept, of_pair = pair_lengths(len(first), len(second), max_seq_length - 2 - len(pieces.between))
    cut = len(first) + len(second) - kept - of_pair
    return EncodedText(number, *pieces.row(first[:kept], second[:of_pair]), cut)


def pair_lengths(first: int, second: int, room: int) -> tuple[int, int]:
    """What is kept of two texts of so many pieces: the longer one gives up pieces first, and of equals the second."""
    if first + second <= room:
        return first, second
    of_second = min(second, max(room // 2, room - first))
    return room - of_second, of_second


def text_remarks(rows: Sequence[EncodedText], max_seq_length: int) -> tuple[str, ...]:
    """What was cut off, in words; nothing if all texts fit."""
    cut = [row.cut for row in rows if row.cut]
    if not cut:
        return ()
    total = sum(len(row.ids) + row.cut for row in rows)
    return (
        f"{len(cut):,} of {len(rows):,} texts are longer than --max_seq_length {max_seq_length}; their ends were cut off "
        f"({sum(cut):,} of {total:,} pieces)",
    )
