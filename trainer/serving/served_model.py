"""A model that is served: what it can do, and the compiled parts of it that do so."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trainer.embeddings.embedder import Embedder
from trainer.finetuning.task_data import TaskData
from trainer.serving.mask_pieces import MaskPieces
from trainer.serving.row_queue import Row
from trainer.serving.worker import Computation


@dataclass(frozen=True, eq=False)
class ServedModel:
    """A model, loaded.

    Attributes:
        name: the last part of its path; what else the path says stays here.
        embedder: gives vectors; knows the tokenizer.
        task: that of a fine-tuned model; else None.
        mask: how texts with gaps become rows; None for a model whose masked-LM head is missing or untrained.
        missing: for each ability that is not served, why.
        computations: for each that is served, what computes it; `predict` and `answer` are of one name, TASK.
        remarks: what a user should know about the model, a line each.
    """

    name: str
    embedder: Embedder
    task: TaskData | None
    mask: MaskPieces | None
    missing: Mapping[str, str]
    computations: Mapping[str, Computation]
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Prepared:
    """A request as rows: `finish` makes the answer, for JSON, of what `Row.reduce` gave for each of them.

    `truncated` are the numbers of the texts whose ends were cut off, which the request allowed.
    """

    rows: Sequence[Row]
    finish: Callable[[Sequence[Any]], Any]
    truncated: tuple[int, ...] = ()
