"""The ids of the special pieces, in a form that compiled code can take."""

from typing import NamedTuple

from vocab.vocabulary import Vocabulary


class SpecialPieces(NamedTuple):
    """Ids by name, and how segments are separated."""

    pad: int
    unk: int
    cls: int
    sep: int
    mask: int
    separators: int  # between two segments


def pieces_of(vocabulary: Vocabulary) -> SpecialPieces:
    """The special pieces of a vocabulary."""
    v = vocabulary
    return SpecialPieces(
        pad=v.pad_id, unk=v.unk_id, cls=v.cls_id, sep=v.sep_id, mask=v.mask_id, separators=v.special.separators
    )
