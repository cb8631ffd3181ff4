"""Texts as rows of pieces, with the words or pieces that get vectors of their own."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trainer.embeddings.settings import PIECE, TEXT
from trainer.examples.text_pieces import TextPieces

_SHORTEST = 16  # pieces of the shortest rows


@dataclass(frozen=True)
class Unit:
    """A word or a piece of a text: how it is written, and its characters [start, end) of the original text."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, eq=False)
class EmbedRow:
    """One row, `[CLS] text [SEP]`.

    Attributes:
        ids: int32 [pieces].
        cut: the number of pieces that did not fit.
        units: the words or pieces that get vectors; none if the text gets one.
        groups: int32 [pieces], the unit of each piece, -1 for none; None if the text gets one vector.
    """

    ids: np.ndarray
    cut: int
    units: tuple[Unit, ...] = ()
    groups: np.ndarray | None = None


def embed_rows(texts: Sequence[str], pieces: TextPieces, per: str, max_seq_length: int) -> list[EmbedRow]:
    """A row for each text, in their order. A text that is too long loses its end.

    Words are those of the tokenizer: BERT's are cut at white space and at punctuation, and a word that stands for no piece
    is none. Of a word whose end was cut off, the pieces that fit count.

    Args:
        texts: the texts.
        pieces: the tokenizer.
        per: what gets a vector: "text", "word", or "piece", [CLS] and [SEP] among them.
        max_seq_length: the longest row, at least 3.
    """
    room = max_seq_length - 2
    if per == TEXT:
        return [EmbedRow(pieces.row(ids[:room])[0], max(0, len(ids) - room)) for ids in pieces.ids(texts)]
    found = []
    for text, (encoded, words) in zip(texts, pieces.encode_words(texts), strict=True):
        kept = min(len(encoded), room)
        ids = pieces.row(encoded.ids[:kept])[0]
        starts, ends = encoded.starts[:kept], encoded.ends[:kept]
        if per == PIECE:
            last = int(ends.max(initial=0))
            spans = [(0, 0), *zip(starts.tolist(), ends.tolist(), strict=True), (last, last)]
            units = [Unit(name, *span) for name, span in zip(pieces.names(ids), spans, strict=True)]
            groups = np.arange(len(ids), dtype=np.int32)
        else:
            known, of_pieces = np.unique(words[:kept], return_inverse=True)
            groups = np.concatenate(([-1], of_pieces, [-1])).astype(np.int32)
            units = []
            for word in range(len(known)):
                start, end = int(starts[of_pieces == word].min()), int(ends[of_pieces == word].max())
                units.append(Unit(text[start:end], start, end))
        found.append(EmbedRow(ids, len(encoded) - kept, tuple(units), groups))
    return found


def row_lengths(longest: int) -> tuple[int, ...]:
    """16, 32, 64 and so on up to the longest row, and that."""
    found = [_SHORTEST]
    while found[-1] < longest:
        found.append(found[-1] * 2)
    return (*found[:-1], longest)


def cut_remark(rows: Sequence[EmbedRow], max_seq_length: int) -> str:
    """What was cut off, in words; "" if all texts fit."""
    cut = [row.cut for row in rows if row.cut]
    if not cut:
        return ""
    total = sum(len(row.ids) + row.cut for row in rows)
    return (
        f"{len(cut):,} of {len(rows):,} texts are longer than the {max_seq_length} pieces that are read (--max_seq_length); "
        f"their ends were cut off ({sum(cut):,} of {total:,} pieces)"
    )
