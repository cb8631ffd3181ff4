"""The settings of fine-tuning: defaults of the field, their meanings and allowed values."""

from dataclasses import dataclass, field

from beam_jobs.errors import Problems, raise_first
from trainer.examples.files.column_settings import ColumnSettings

CLASSIFY, PAIRS, REGRESS, TAG, ANSWER = "classify", "pairs", "regress", "tag", "answer"
TASKS = (CLASSIFY, PAIRS, REGRESS, TAG, ANSWER)
CLASS_WEIGHTS = ("none", "balanced")
KEEP = ("best", "last")
DTYPES = ("float32", "bfloat16")


@dataclass(frozen=True)
class TaskSettings:
    """What decides how examples become rows, and predictions answers. A fine-tuned model keeps them in labels.json."""

    task: str
    several_labels: bool = False  # of classify and pairs: any number of labels for each text
    max_seq_length: int = 0  # pieces of a row; 0: 128, of answers 384, or what the model can read if that is less
    window_overlap: int = -1  # pieces that two windows of a long text share; -1: a third of a row
    max_question_length: int = 0  # pieces; a longer question is cut; 0: 64, or a third of a row if that is less
    n_best: int = 20  # answers that are kept for each question
    max_answer_pieces: int = 30
    null_threshold: float | None = (
        0.0  # no answer if its score is higher by more than this than the best span's; None: never
    )

    def problems(self) -> Problems:
        """What is wrong with these settings, by field."""
        if self.task not in TASKS:
            yield "task", f"is {self.task!r}: use {', '.join(TASKS[:-1])} or {TASKS[-1]}"
        if self.several_labels and self.task not in (CLASSIFY, PAIRS):
            yield "several_labels", f"is for the tasks {CLASSIFY} and {PAIRS}; leave it out for {self.task}"
        if self.max_seq_length and not 8 <= self.max_seq_length <= 4096:
            yield "max_seq_length", f"is {self.max_seq_length}: must lie between 8 and 4096, or be 0 for the default"
        if self.window_overlap < -1:
            yield "window_overlap", f"is {self.window_overlap}: must not be negative"
        if self.max_question_length < 0:
            yield "max_question_length", f"is {self.max_question_length}: must not be negative"
        for name in ("n_best", "max_answer_pieces"):
            if getattr(self, name) < 1:
                yield name, f"is {getattr(self, name)}: must be at least 1"


@dataclass(frozen=True)
class FinetuneSettings:
    """One command: the files, the task, and how to train. Rates and seeds may be several: a run for each pair."""

    task: TaskSettings
    model: str
    train: tuple[str, ...]
    dev: str
    output: str
    test: str = ""
    columns: ColumnSettings = field(default_factory=ColumnSettings)
    labels: tuple[str, ...] = ()  # in the order of the head's outputs; empty: those of the training files, sorted
    lower_case: bool | None = None  # where the model does not say
    batch: int = 32
    learning_rate: tuple[float, ...] = (3e-5,)  # Devlin et al. (2018) chose among 5e-5, 3e-5 and 2e-5 on the dev set
    epochs: int = 3
    seeds: int = 1
    seed: int = 0  # the first one; the others follow it
    warmup: float = 0.1  # share of the steps in which the rate rises from 0
    weight_decay: float = 0.01
    head_dropout: float = 0.1
    class_weight: str = "none"
    keep: str = "best"
    metric: str = ""  # by which the best epoch is chosen; empty: that of the task
    patience: int = 0  # end a run after so many epochs that were not better; 0: never
    compute_dtype: str = "float32"
    accumulation: int = 0
    max_steps: int = 0  # stop and save after this step of each run

    def problems(self) -> Problems:
        """What is wrong with these settings, by field."""
        yield from self.task.problems()
        for name in ("model", "train", "dev", "output"):
            if not getattr(self, name):
                yield name, "is missing: name it"
        if self.labels and self.task.task not in (CLASSIFY, PAIRS, TAG):
            yield "labels", f"is for {CLASSIFY}, {PAIRS} and {TAG}; leave it out for {self.task.task}"
        for name in ("batch", "epochs", "seeds"):
            if getattr(self, name) < 1:
                yield name, f"is {getattr(self, name)}: must be at least 1"
        for name in ("patience", "accumulation", "max_steps", "weight_decay"):
            if getattr(self, name) < 0:
                yield name, f"is {getattr(self, name)}: must not be negative; 0 turns it off"
        if not self.learning_rate:
            yield "learning_rate", "names none; 3e-5 is the default"
        for rate in self.learning_rate:
            if not 0 < rate < 1:
                yield "learning_rate", f"is {rate}: must lie between 0 and 1, such as 3e-5"
        if len(set(self.learning_rate)) < len(self.learning_rate):
            yield "learning_rate", "names a rate twice; name each once"
        if not 0 <= self.seed < 2**31 - self.seeds:
            yield "seed", f"is {self.seed}: must lie between 0 and 2**31 - 1, the last one included"
        if not 0 <= self.warmup < 1:
            yield "warmup", f"is {self.warmup}: must be a share from 0 to below 1; 0.1 is usual"
        if not 0 <= self.head_dropout < 1:
            yield "head_dropout", f"is {self.head_dropout}: must be a share from 0 to below 1; 0.1 is BERT's"
        if self.class_weight not in CLASS_WEIGHTS:
            yield "class_weight", f"is {self.class_weight!r}: use none or balanced"
        if self.class_weight != "none" and self.task.task not in (CLASSIFY, PAIRS, TAG):
            yield "class_weight", f"is for {CLASSIFY}, {PAIRS} and {TAG}; leave it out for {self.task.task}"
        if self.keep not in KEEP:
            yield "keep", f"is {self.keep!r}: use best or last"
        if self.compute_dtype not in DTYPES:
            yield "compute_dtype", f"is {self.compute_dtype!r}: use float32 or bfloat16"

    def validate(self) -> None:
        """Raise UserError, naming the option, for the first setting that is wrong."""
        raise_first(self.problems(), "--")
        self.columns.validate()
