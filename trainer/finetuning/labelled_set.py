"""Examples of one or several files, read and encoded for a task."""

import hashlib
import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from beam_jobs.errors import UserError
from trainer.examples.files.ids import Purpose
from trainer.finetuning.task_data import EncodedExamples, TaskData

logger = logging.getLogger("trainer")


@dataclass(frozen=True)
class LabelledSet:
    """Examples with their rows."""

    files: tuple[str, ...]
    examples: tuple[Any, ...]
    encoded: EncodedExamples

    @property
    def digest(self) -> str:
        """Identifies the examples with their labels, wherever they lie."""
        digest = hashlib.sha256()
        for example in self.examples:
            content = {name: value for name, value in vars(example).items() if name != "place"}
            digest.update(repr(content).encode("utf-8", "surrogatepass"))
        return digest.hexdigest()[:32]


def read_examples(data: TaskData, files: Sequence[str], purpose: Purpose) -> tuple[Any, ...]:
    """The examples of all files, one after the other. Remarks are logged.

    Raises UserError for what is wrong in a file, and for files without examples.
    """
    found: list[Any] = []
    for file in files:
        examples, remarks = data.read(file, purpose)
        found += examples
        for remark in remarks:
            logger.info(remark)
    if not found:
        raise UserError(f"{', '.join(files)}: has no examples; name a file with examples")
    return tuple(found)


def encode_set(
    data: TaskData, files: Sequence[str], examples: tuple[Any, ...], *, labelled: bool = True
) -> LabelledSet:
    """The examples with their rows. Remarks are logged. Raises UserError for a label that the task has not."""
    encoded = data.encode(examples, labelled=labelled)
    for remark in encoded.remarks:
        logger.info(f"{', '.join(files)}: {remark}")
    return LabelledSet(tuple(files), examples, encoded)


def tell_labels(data: TaskData, examples: Sequence[Any]) -> None:
    """Log how often each label occurs in the training examples, and which never does."""
    counts: Counter[str] = Counter()
    for example in examples:
        counts.update(getattr(example, "labels", None) or getattr(example, "tags", None) or ())
    names = data.labels.names
    if names:
        logger.info("labels: " + ", ".join(f"{name} {counts[name]:,}" for name in names[:20]))
        missing = [name for name in names if not counts[name]]
        if missing:
            logger.warning(f"no training example has the label {', '.join(missing[:5])}")
