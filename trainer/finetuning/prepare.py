"""Reads what all runs of a fine-tuning command share: the model, the examples, the labels; and checks them together."""

import dataclasses
import logging
from dataclasses import dataclass
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from beam_jobs.errors import UserError
from trainer.examples.buckets import choose_buckets
from trainer.examples.example import QuestionExample
from trainer.examples.files.column_settings import ColumnSettings
from trainer.examples.labels import Labels, labels_of
from trainer.examples.tags import tag_labels
from trainer.examples.text_pieces import TextPieces
from trainer.export.finetuned.load_finetuned import with_task_head
from trainer.export.tokenizer_files import TOKENIZER_NAME
from trainer.export.weight_map import ImportedModel
from trainer.finetuning.answer_task import AnswerTask
from trainer.finetuning.labelled_set import LabelledSet, encode_set, read_examples, tell_labels
from trainer.finetuning.settings import ANSWER, TAG, FinetuneSettings, TaskSettings
from trainer.finetuning.start import Start, read_start
from trainer.finetuning.tag_task import TagTask
from trainer.finetuning.task_data import TaskData
from trainer.finetuning.text_task import TextTask
from trainer.model.config import BertConfig
from trainer.scores.scores_of import scores_of
from trainer.tasks.task import Task

logger = logging.getLogger("trainer")

_LENGTH = {ANSWER: 384}  # of the others: 128, as google-research/bert has them
_QUESTION = 64
_PADS = ("[PAD]", "<pad>")


@dataclass(frozen=True)
class Prepared:
    """What all runs share."""

    settings: FinetuneSettings
    start: Start
    initial: ImportedModel  # weights of the task's model
    data: TaskData
    train: LabelledSet
    dev: LabelledSet
    test: LabelledSet | None
    buckets: tuple[int, ...]  # the lengths of batches
    task: Task
    class_weights: tuple[float, ...]
    metric: str
    baseline: dict[str, Any]  # scores on the dev set of who has only counted the training labels
    pieces: int  # of the vocabulary


def prepare(settings: FinetuneSettings) -> Prepared:
    """Read and check everything. Raises UserError for each mistake that can be found without training."""
    settings.validate()
    start = read_start(settings.model, settings.lower_case)
    tokenizer = tokenizer_of(start)
    task_settings = resolve(settings.task, start.imported.config)
    data = task_data(task_settings, Labels(settings.labels), tokenizer, settings.model, settings.columns)
    train = read_examples(data, settings.train, "train")
    if task_settings.task == ANSWER and not any(example.answers == () for example in train):
        data = dataclasses.replace(data, settings=dataclasses.replace(task_settings, null_threshold=None))
    data = dataclasses.replace(data, labels=_labels(settings, start, data, train))
    tell_labels(data, train)
    dev, test = read_examples(data, (settings.dev,), "score"), None
    if settings.test:
        examples = read_examples(data, (settings.test,), "predict")
        labelled = data.baseline(train, examples).gold is not None
        test = encode_set(data, (settings.test,), examples, labelled=labelled)
    sets = [encode_set(data, settings.train, train), encode_set(data, (settings.dev,), dev), *([test] if test else [])]
    lengths = np.concatenate([each.encoded.fields.lengths for each in sets])
    baseline = scores_of(data.baseline(train, dev))
    class_weights = data.class_weights(train) if settings.class_weight == "balanced" else ()
    metric = _metric(settings.metric, baseline)
    task = _telling(data.task(settings.head_dropout, class_weights), metric)
    same = start.form is not None and start.form == data.form
    initial = with_task_head(start.imported, data.form.head, keep_head=same)
    if same:
        logger.info(f"{settings.model}: its head is trained on, for the same labels")
    elif start.form is not None:
        logger.info(f"{settings.model}: has the head of another task or other labels; a new head is drawn")
    return Prepared(
        settings=settings,
        start=start,
        initial=initial,
        data=data,
        train=sets[0],
        dev=sets[1],
        test=test,
        buckets=choose_buckets(lengths, data.settings.max_seq_length),
        task=task,
        class_weights=class_weights,
        metric=metric,
        baseline=baseline,
        pieces=tokenizer.get_vocab_size(),
    )


def tokenizer_of(start: Start) -> Tokenizer:
    """The tokenizer of a model. Raises UserError if its pieces are not those of the model's word table."""
    source = start.imported.source
    try:
        tokenizer = Tokenizer.from_str(start.tokenizer[TOKENIZER_NAME].decode("utf-8"))
    except Exception as error:  # the library has no exception class of its own
        raise UserError(f"{source}: its tokenizer cannot be read ({error}); fetch or export it again") from error
    rows, pieces = start.imported.config.vocab_size, tokenizer.get_vocab_size()
    if pieces > rows:
        raise UserError(
            f"{source}: its tokenizer has {pieces:,} pieces, but the model knows {rows:,}; it is another vocabulary: put the "
            "one there that the model was trained with"
        )
    return tokenizer


def resolve(settings: TaskSettings, config: BertConfig) -> TaskSettings:
    """The settings with numbers in the place of defaults. Raises UserError for rows that the model cannot read."""
    longest = config.longest_text
    length = settings.max_seq_length or min(_LENGTH.get(settings.task, 128), longest)
    if length > longest:
        raise UserError(
            f"--max_seq_length is {length}, but the model reads at most {longest} pieces; name at most that"
        )
    overlap = length // 3 if settings.window_overlap < 0 else settings.window_overlap
    question = settings.max_question_length or min(_QUESTION, length // 3)
    return dataclasses.replace(settings, max_seq_length=length, window_overlap=overlap, max_question_length=question)


def task_data(settings: TaskSettings, labels: Labels, tokenizer: Tokenizer, model: str, columns: ColumnSettings) -> Any:
    """The task on the pieces of a tokenizer."""
    make = {ANSWER: AnswerTask, TAG: TagTask}.get(settings.task, TextTask)
    pad_id = next((found for piece in _PADS if (found := tokenizer.token_to_id(piece)) is not None), 0)
    return make(settings, labels, TextPieces(tokenizer, model), columns, pad_id)


def _labels(settings: FinetuneSettings, start: Start, data: TaskData, train: tuple[Any, ...]) -> Labels:
    """Those of --labels; or of the model, if it is of this task and has all of the training files; or of the files, sorted."""
    if isinstance(train[0], QuestionExample) or settings.task.task == "regress":
        return Labels(())
    if settings.labels:
        labels = Labels(settings.labels)
        labels.validate()
        return labels
    if settings.task.task == TAG:
        found = tag_labels(train)
    else:
        found = labels_of(name for example in train for name in example.labels or ())
    form = start.form
    if (
        form
        and (form.kind, form.problem) == (data.form.kind, data.form.problem)
        and set(found.names) <= set(form.labels)
    ):
        return Labels(form.labels)
    if len(found) < 2 and not settings.task.several_labels:
        raise UserError(
            f"{', '.join(settings.train)}: all examples have the label {found.names[0] if found.names else '(none)'!r}; a model "
            "learns nothing from that: add examples of another"
        )
    return found


def _metric(asked: str, baseline: dict[str, Any]) -> str:
    """The name of the score that chooses. Raises UserError if there is no such score."""
    if not asked:
        return str(baseline["metric"])
    names = [*baseline["scores"], "loss"]
    if asked not in names and not asked.startswith("best_"):
        raise UserError(f"--metric is {asked!r}; this task has {', '.join(names)}")
    return asked


def _telling(task: Task, metric: str) -> Task:
    """The task, whose line in the log also tells the metric of an evaluation."""

    def line(record: Any, digits: int) -> str:
        told = f" | {metric} {record[metric]:.{digits}f}" if metric in record and metric not in task.figures else ""
        return task.line(record, digits) + told

    return dataclasses.replace(task, line=line)
