"""What vectors are asked for."""

import re
from dataclasses import dataclass

from beam_jobs.errors import Problems, raise_first

MEAN, CLS, MAX, POOLER, NONE = "mean", "cls", "max", "pooler", "none"
POOLINGS = (MEAN, CLS, MAX, POOLER, NONE)
TEXT, WORD, PIECE = "text", "word", "piece"
UNITS = (TEXT, WORD, PIECE)
LAST, SUM, CONCAT = "last", "sum", "concat"
COMBINES = (LAST, MEAN, SUM, CONCAT)


@dataclass(frozen=True)
class EmbedSettings:
    """What vectors are asked for; see `trainer embed --help`. What is empty or None follows from the model and the rest."""

    pooling: str = ""  # of POOLINGS; "": that of the folder of sentence-transformers, or mean
    layers: str = "-1"
    combine: str = ""  # of COMBINES; "": mean
    per: str = ""  # of UNITS; "": text, or piece if nothing is pooled
    normalize: bool | None = None  # None: as the folder of sentence-transformers says, or not
    max_seq_length: int = 0  # 0: that of the folder of sentence-transformers, or all that the model can read
    batch: int = 32
    lower_case: bool | None = None  # asked where the model's files do not say it

    @property
    def unit(self) -> str:
        """What gets a vector, of UNITS."""
        return self.per or (PIECE if self.pooling == NONE else TEXT)

    @property
    def told(self) -> str:
        """What is computed, in words, when it is resolved."""
        pooled = "vectors" if self.pooling == NONE else f"{self.pooling} vectors"
        layers = (
            f"layer {self.layers}" if re.fullmatch(r"-?\d+", self.layers) else f"{self.combine} of layers {self.layers}"
        )
        return f"{pooled} for each {self.unit}, {layers}{', normalized' if self.normalize else ''},"

    def problems(self) -> Problems:
        """Each setting that cannot be meant, with its remedy."""
        for name, known in (("pooling", POOLINGS), ("combine", COMBINES), ("per", UNITS)):
            if getattr(self, name) not in ("", *known):
                yield name, f"is {getattr(self, name)!r}; name one of {', '.join(known)}"
        if self.batch < 1:
            yield "batch", f"is {self.batch}: must be at least 1"
        if self.max_seq_length and self.max_seq_length < 3:
            yield "max_seq_length", f"is {self.max_seq_length}: leaves no room beside [CLS] and [SEP]; name at least 3"
        if self.pooling == NONE and self.per in (TEXT, WORD):
            yield "pooling", f"none gives a vector for each piece, not for each {self.per}; leave out --per, or pool"
        if self.per == PIECE and self.pooling not in ("", NONE):
            yield "pooling", f"is {self.pooling}, but with --per piece nothing is pooled; leave out one of them"
        if self.per == WORD and self.pooling not in ("", MEAN, MAX):
            yield (
                "pooling",
                f"is {self.pooling}, but the pieces of a word are pooled by {MEAN} or {MAX}; name one of these",
            )
        if self.pooling == POOLER and (self.layers != "-1" or self.combine not in ("", "last")):
            yield "pooling", "pooler reads the last layer only; leave out --layers and --combine, or pool by cls"

    def validate(self) -> None:
        """Raise UserError for the first problem."""
        raise_first(self.problems(), "--")
