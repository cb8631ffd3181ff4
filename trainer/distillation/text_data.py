"""Distillation of hidden states on plain texts, which the teacher's own tokenizer reads."""

import hashlib
import logging
from collections.abc import Sequence

import numpy as np

from beam_jobs.errors import UserError
from trainer.devices.runtime import Runtime
from trainer.distillation.teacher import Teacher
from trainer.distillation.teaching_data import TeachingData
from trainer.embeddings.texts import read_embed_texts
from trainer.examples.buckets import choose_buckets
from trainer.examples.example import TextExample
from trainer.examples.example_batches import ExampleBatches
from trainer.examples.fields import Fields, label_fields
from trainer.examples.files.column_settings import ColumnSettings
from trainer.examples.files.lines import ending_of
from trainer.examples.files.read_table import TABLE_ENDINGS
from trainer.examples.text_pieces import TextPieces
from trainer.examples.text_rows import encode_texts, text_remarks
from trainer.finetuning.prepare import tokenizer_of
from trainer.plans.plan import Phase, Plan
from trainer.run.tokenization_facts import TokenizationFacts
from trainer.training.loop_state import PhaseData

TEXT_ENDINGS = (".txt", *TABLE_ENDINGS)

_LENGTHS = 2  # to which rows are padded; each is a compilation
_LEAST = 3  # pieces of a row from which something can be learned: [CLS], one of the text, [SEP]

logger = logging.getLogger("trainer")


def is_text(uri: str) -> bool:
    """Whether a file's ending is that of texts, compressed or not."""
    return ending_of(uri) in TEXT_ENDINGS


def text_data(plan: Plan, files: Sequence[str], dev: str, teacher: Teacher, text_column: str = "") -> TeachingData:
    """The texts of the files, one a line of a .txt file or in a column of a table; those of `dev` are held out.

    Texts without a piece are left out. Raises UserError for files that cannot be read, or if no text is left.
    """
    columns = ColumnSettings(text_column=text_column)
    pieces = TextPieces(tokenizer_of(teacher.start), teacher.name, teacher.config.type_vocab_size)
    longest = max(phase.sequence_length for phase in plan.phases)
    train = _rows(files, columns, pieces, longest)
    held_out = _rows([dev], columns, pieces, longest) if dev else None

    def of_phase(phase: Phase, rows: int) -> PhaseData:
        own = _cut(train, phase.sequence_length)
        buckets = choose_buckets(own.lengths, phase.sequence_length, _LENGTHS)
        batches = ExampleBatches(own, buckets, phase.batch, plan.seed)
        if held_out is None:
            return PhaseData(train=batches.train)
        dev_rows = _cut(held_out, phase.sequence_length)
        dev_buckets = choose_buckets(dev_rows.lengths, phase.sequence_length, 1)
        return PhaseData(train=batches.train, evaluation=ExampleBatches(dev_rows, dev_buckets, rows).once)

    def open_data(plan: Plan, rows: Sequence[int], runtime: Runtime) -> list[PhaseData]:
        return [of_phase(phase, row) for phase, row in zip(plan.phases, rows, strict=True)]

    kept = dict(teacher.start.tokenizer)
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in kept.items()}
    return TeachingData(
        plan=plan,
        contents=[{"texts": _digest(train)}] * len(plan.phases),
        open=open_data,
        described={"texts": list(files), "dev": dev, "rows": len(train.lengths)},
        facts=TokenizationFacts(lower_case=teacher.start.lower_case, files=digests),
        kept=kept,
    )


def _rows(files: Sequence[str], columns: ColumnSettings, pieces: TextPieces, longest: int) -> Fields:
    examples: list[TextExample] = []
    for file in files:
        found = read_embed_texts(file, columns)
        for remark in found.remarks:
            logger.info(remark)
        examples += found.examples
    rows = encode_texts(examples, pieces, longest)
    for remark in text_remarks(rows, longest):
        logger.info(remark.replace("--max_seq_length", "sequence_length"))
    whole = [row for row in rows if len(row.ids) >= _LEAST]
    if len(whole) < len(rows):
        logger.info(f"{len(rows) - len(whole):,} of {len(rows):,} texts hold no piece; they are left out")
    if not whole:
        raise UserError(f"{', '.join(files)}: has no texts to learn from; name a file with some")
    return label_fields(whole, None)


def _cut(fields: Fields, length: int) -> Fields:
    """The rows, each with its last piece, of at most `length` pieces."""

    def cut(values: np.ndarray) -> np.ndarray:
        return values if len(values) <= length else np.concatenate([values[: length - 1], values[-1:]])

    return Fields({name: [cut(row) for row in rows] for name, rows in fields.per_piece.items()}, fields.per_row)


def _digest(fields: Fields) -> str:
    digest = hashlib.sha256(np.asarray(fields.lengths, np.int64).tobytes())
    for ids in fields.per_piece["input_ids"]:
        digest.update(np.ascontiguousarray(ids, np.int32).data)
    return digest.hexdigest()[:32]
