"""The settings of the batches of a phase."""

from dataclasses import dataclass, field

from trainer.data.parse import Shape
from trainer.plans.settings import Masking


@dataclass(frozen=True)
class BatchSettings:
    """Shape, order and masking of the batches of one split, and what to do with records that cannot be used."""

    sequence_length: int
    max_predictions: int
    batch_size: int
    seed: int
    masking: Masking = field(default_factory=Masking)
    packing: bool = False
    on_corrupt: str = "error"  # or skip: the row of a record that cannot be used stays empty, with weights of 0
    vocab_size: int = 0  # piece ids must lie below; 0: not checked
    segments: int = 2  # segment ids must lie below: the rows of the model's segment table
    labels: int = 2  # next-sentence labels must lie below: the values that the data's objective has
    next_sentence: bool = True  # the phase trains on next-sentence labels, so records must have them

    @property
    def tolerant(self) -> bool:
        """Whether records that cannot be used are skipped."""
        return self.on_corrupt == "skip"

    @property
    def shape(self) -> Shape:
        """The shape that every record must fit."""
        return Shape(self.sequence_length, self.max_predictions, self.vocab_size, self.segments, self.labels)
