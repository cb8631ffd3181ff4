"""Texts with gaps as rows of pieces. Only the mask itself is special in them: "[SEP]" typed in a text is text."""

from collections.abc import Sequence

import numpy as np
from tokenizers import Tokenizer

from trainer.examples.text_pieces import TextPieces
from trainer.serving.fields import wrong

GAPS = 8  # of one row: a fixed number, so that few shapes are compiled; a text with more has several rows
MASKS = ("[MASK]", "<mask>")


class MaskPieces:
    """The pieces of texts with gaps. `mask` is how a gap is written: [MASK]."""

    def __init__(self, tokenizer: Tokenizer, pieces: TextPieces, longest: int) -> None:
        """Take the tokenizer of `pieces`, which knows one of MASKS, and the longest row that the model reads."""
        known = {mask: id for mask in MASKS if (id := tokenizer.token_to_id(mask)) is not None}
        self.mask, self._mask_id = next(iter(known.items()))
        self.pieces, self._longest = pieces, longest

    def rows(self, text: str, name: str) -> list[tuple[np.ndarray, np.ndarray]]:
        """The row of a text, once for every GAPS of its gaps: ids int32 [pieces], and places of gaps, int32 [GAPS].

        Places that stay are 0. Raises RequestError, naming the field `name`, for a text without a gap, and one that is too long.
        """
        parts = self.pieces.ids(text.split(self.mask))
        if len(parts) == 1:
            raise wrong(name, f"has no {self.mask}; put one where a word is missing")
        between: list[np.ndarray] = [np.array([self._mask_id], np.int32)] * (2 * len(parts) - 1)
        between[::2] = parts
        ids, _ = self.pieces.row(np.concatenate(between))
        if len(ids) > self._longest:
            raise wrong(name, f"is {len(ids):,} pieces long, but the model reads {self._longest:,}; shorten it")
        gaps = 1 + np.cumsum([len(part) + 1 for part in parts[:-1]]) - 1  # behind [CLS] and the parts before
        return [(ids, _padded(gaps[start : start + GAPS])) for start in range(0, len(gaps), GAPS)]

    def count(self, text: str) -> int:
        """The gaps of a text."""
        return text.count(self.mask)


def _padded(places: Sequence[int] | np.ndarray) -> np.ndarray:
    found = np.zeros(GAPS, np.int32)
    found[: len(places)] = places
    return found
