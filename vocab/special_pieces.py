"""The names of the special pieces: those of BERT, of RoBERTa, and ALBERT's mixture of the two."""

from collections.abc import Container
from typing import NamedTuple

from beam_jobs.errors import UserError


class SpecialNames(NamedTuple):
    """What a vocabulary calls its special pieces, by their role in an instance."""

    pad: str
    unk: str
    cls: str
    sep: str
    mask: str

    @property
    def separators(self) -> int:
        """How many separators stand between two segments: `[CLS] A [SEP] B [SEP]`, but `<s> A </s></s> B </s>`."""
        return 2 if self.sep == "</s>" else 1


BERT_NAMES = SpecialNames("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
ROBERTA_NAMES = SpecialNames("<pad>", "<unk>", "<s>", "</s>", "<mask>")
_ALBERT_NAMES = SpecialNames("<pad>", "<unk>", "[CLS]", "[SEP]", "[MASK]")


def special_names(pieces: Container[str], source: str) -> SpecialNames:
    """The special pieces of a vocabulary. Raises UserError, naming `source`, if it has not all five of any family."""
    families = BERT_NAMES, ROBERTA_NAMES, _ALBERT_NAMES
    for names in families:
        if all(piece in pieces for piece in names):
            return names
    nearest = max(families, key=lambda names: sum(piece in pieces for piece in names))
    missing = ", ".join(piece for piece in nearest if piece not in pieces)
    raise UserError(
        f"{source}: special pieces are missing: {missing}; a vocabulary for BERT has {' '.join(BERT_NAMES)}, one for "
        f"RoBERTa {' '.join(ROBERTA_NAMES)}"
    )
