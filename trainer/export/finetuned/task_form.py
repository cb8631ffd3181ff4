"""What config.json says of a model with the head of a task: the class of transformers, the labels, the kind of problem."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from beam_jobs.errors import UserError
from trainer.model.config import BertConfig
from trainer.model.family import ALBERT, ROBERTA
from trainer.model.task_heads import ANSWER, CLASSIFIER, TaskHead

SEQUENCE, TOKENS, ANSWERS = "SequenceClassification", "TokenClassification", "QuestionAnswering"
"""What the names of classes such as BertForSequenceClassification end in."""
SINGLE, SEVERAL, NUMBER = "single_label_classification", "multi_label_classification", "regression"
"""Values of `problem_type`, of SEQUENCE."""
_HEAD_NAMES = {CLASSIFIER: "classifier", ANSWER: "qa_outputs"}
_FAMILIES = ("Bert", "Albert", "Roberta")


@dataclass(frozen=True)
class TaskForm:
    """The task of a model folder."""

    kind: str  # SEQUENCE, TOKENS or ANSWERS
    labels: tuple[str, ...] = ()  # in the order of the logits; empty for a regression and for answers
    problem: str = ""  # of SEQUENCE: SINGLE, SEVERAL or NUMBER

    @property
    def head(self) -> TaskHead:
        """The head, with the shape of its weights; its dropout is that of a model at work, 0."""
        outputs = {NUMBER: 1, ANSWERS: 2}.get(self.problem or self.kind, len(self.labels))
        return TaskHead(ANSWER if self.kind == ANSWERS else CLASSIFIER, outputs, self.kind != SEQUENCE, dropout=0.0)

    def settings(self, config: BertConfig, head_dropout: float) -> dict[str, Any]:
        """The keys of config.json."""
        title = {ALBERT: "Albert", ROBERTA: "Roberta"}.get(config.family, "Bert")
        names = self.labels or tuple(f"LABEL_{i}" for i in range(self.head.outputs))
        content: dict[str, Any] = {
            "architectures": [f"{title}For{self.kind}"],
            "classifier_dropout_prob" if config.family == ALBERT else "classifier_dropout": head_dropout,
            "id2label": {str(i): name for i, name in enumerate(names)},
            "label2id": {name: i for i, name in enumerate(names)},
            "num_labels": len(names),
        }
        return content | ({"problem_type": self.problem} if self.problem else {})


def tensor_of(head: str, config: BertConfig, on_pieces: bool) -> str:
    """What Hugging Face calls a head, CLASSIFIER or ANSWER.

    A RoBERTa's for sequences is two layers: the first one, with its tanh, is our pooler, `POOLER_OF_ROBERTA`.
    """
    if config.family is ROBERTA and head == CLASSIFIER and not on_pieces:
        return _OUT_OF_ROBERTA
    return _HEAD_NAMES[head]


POOLER_OF_ROBERTA, _OUT_OF_ROBERTA = "classifier.dense", "classifier.out_proj"


def head_names(config: BertConfig) -> tuple[tuple[str, str], ...]:
    """Pairs of a name that Hugging Face gives a layer of a head and of our name of it."""
    names = tuple((theirs, ours) for ours, theirs in _HEAD_NAMES.items())
    if config.family is not ROBERTA:
        return names
    return (*names, (POOLER_OF_ROBERTA, "pooler"), (_OUT_OF_ROBERTA, CLASSIFIER))


def read_task_form(content: Mapping[str, Any], source: str) -> TaskForm | None:
    """The task that a config.json is of; None for a model without the head of a task.

    Raises UserError, naming `source`, if the labels are not numbered from 0 on.
    """
    listed = content.get("architectures") or [""]
    name = str(listed[0]) if isinstance(listed, list) else ""
    kinds = {f"{family}For{kind}": kind for family in _FAMILIES for kind in (SEQUENCE, TOKENS, ANSWERS)}
    kind = kinds.get(name)
    if kind is None:
        return None
    if kind == ANSWERS:
        return TaskForm(ANSWERS)
    labels = _labels(content, source)
    problem = content.get("problem_type") or (NUMBER if len(labels) == 1 else SINGLE)
    if kind == TOKENS:
        return TaskForm(TOKENS, labels)
    if problem not in (SINGLE, SEVERAL, NUMBER):
        raise UserError(f"{source}: problem_type is {problem!r}; it must be {SINGLE}, {SEVERAL} or {NUMBER}")
    if problem == NUMBER and len(labels) != 1:
        raise UserError(f"{source}: a regression of {len(labels)} numbers is not built; take a model of one")
    return TaskForm(SEQUENCE, () if problem == NUMBER else labels, problem)


def _labels(content: Mapping[str, Any], source: str) -> tuple[str, ...]:
    named = content.get("id2label")
    if not named:  # transformers leaves out its default, LABEL_0 and LABEL_1
        count = content.get("num_labels", 2)
        return tuple(f"LABEL_{i}" for i in range(count if isinstance(count, int) else 2))
    try:
        by_id = {int(key): str(value) for key, value in dict(named).items()}
    except (TypeError, ValueError) as error:
        raise UserError(f"{source}: id2label is {named!r}; its keys must be numbers, its values names") from error
    if sorted(by_id) != list(range(len(by_id))) or len(set(by_id.values())) != len(by_id):
        raise UserError(f"{source}: id2label must number different labels from 0 on; it is {named!r:.200}")
    return tuple(by_id[i] for i in range(len(by_id)))
