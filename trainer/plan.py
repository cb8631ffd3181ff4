"""Plans: what a training run is, as typed values. Read from TOML by `plan_reading.py`, printed by `plan_show.py`.

A plan is a model, where its weights start, and a list of phases. Every number of a phase belongs to that phase: its
learning rate counts from its own first step. Weights, optimizer moments and random state carry from one phase to the
next; nothing else does. Each class knows its own mistakes: `problems()` yields (field, what is wrong and the remedy).
"""

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Problems = Iterator[tuple[str, str]]


@dataclass(frozen=True)
class ModelSettings:
    """The network. `config` overrides keys of the model class's config (Hugging Face's BertConfig names)."""

    model_class: str = "data"  # a built-in class, a model-class file, or "data": the class the data was made with
    config: Mapping[str, Any] = field(default_factory=dict)
    compute_dtype: str = "bfloat16"  # of activations; weights, norms, logits and losses are float32 always
    rematerialise: bool = False  # recompute layers in the backward pass: a third more time, a tenth of the memory

    def problems(self) -> Problems:
        """What is wrong with these settings, by field."""
        if not self.model_class:
            yield "model_class", 'is empty: name a built-in class, a model-class file, or "data"'
        if self.compute_dtype not in ("bfloat16", "float16", "float32"):
            yield "compute_dtype", f'is {self.compute_dtype!r}: use "bfloat16" or "float32"'
        if self.compute_dtype == "float16":
            yield "compute_dtype", 'float16 needs loss scaling, which is not built: use "bfloat16"'


@dataclass(frozen=True)
class Initialisation:
    """Where the weights start when the output folder holds no checkpoint yet (resume > init > fresh)."""

    checkpoint: str = ""  # a Hugging Face, TF1, Model Garden or beambert checkpoint; empty: random weights

    def problems(self) -> Problems:
        """Whether the checkpoint can be reached is checked when a run starts."""
        return iter(())


@dataclass(frozen=True)
class OptimizerSettings:
    """LAMB or AdamW. The defaults are BERT's; decay acts inside LAMB's trust ratio."""

    name: str = "lamb"
    weight_decay: float = 0.01
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-6
    bias_correction: bool = True  # google-research/bert trained its AdamW without
    clip_norm: float = 1.0  # of the gradient of the whole batch; 0: no clipping

    def problems(self) -> Problems:
        """What is wrong with these settings, by field."""
        if self.name not in ("lamb", "adamw"):
            yield "name", f'is {self.name!r}: use "lamb" or "adamw"'
        for name in ("beta_1", "beta_2"):
            if not 0 <= getattr(self, name) < 1:
                yield name, f"is {getattr(self, name)}: must lie in [0, 1)"
        if self.epsilon <= 0:
            yield "epsilon", f"is {self.epsilon}: must be above 0; 1e-6 is BERT's"
        for name in ("weight_decay", "clip_norm"):
            if getattr(self, name) < 0:
                yield name, f"is {getattr(self, name)}: must not be negative; 0 turns it off"


@dataclass(frozen=True)
class LearningRate:
    """The learning rate of one phase, counted from the phase's own first step."""

    peak: float
    warmup_steps: int = 0
    warmup_from: float = 0.0
    decay: str = "constant"  # constant, linear, polynomial, cosine or inverse_sqrt
    end: float = 0.0  # where the decay ends; not of constant and inverse_sqrt
    power: float = 1.0  # of the polynomial
    decay_steps: int = 0  # 0: to the end of the phase
    decay_from: str = "warmup_end"  # or phase_start, as google-research/bert counts

    def problems(self) -> Problems:
        """What is wrong with these settings, by field."""
        if not 0 < self.peak < 1:
            yield "peak", f"is {self.peak}: must lie between 0 and 1, such as 4e-4 for LAMB or 1e-4 for AdamW"
        if self.decay not in ("constant", "linear", "polynomial", "cosine", "inverse_sqrt"):
            yield "decay", f"is {self.decay!r}: use constant, linear, polynomial, cosine or inverse_sqrt"
        if self.decay_from not in ("warmup_end", "phase_start"):
            yield "decay_from", f"is {self.decay_from!r}: use warmup_end or phase_start"
        for name in ("warmup_steps", "decay_steps", "warmup_from", "end"):
            if getattr(self, name) < 0:
                yield name, f"is {getattr(self, name)}: must not be negative"
        if self.end > self.peak:
            yield "end", f"is {self.end}, above the peak {self.peak}: a decay falls; lower it"


@dataclass(frozen=True)
class Masking:
    """How dynamic records are masked on the fly; static records carry their masks."""

    kind: str = "whole_word"  # whole_word, wordpiece or span
    probability: float = 0.15
    replace_per: str = "piece"  # mask, random or kept is drawn per piece, as BERT does, or per word

    def problems(self) -> Problems:
        """What is wrong with these settings, by field."""
        if self.kind not in ("whole_word", "wordpiece", "span"):
            yield "kind", f"is {self.kind!r}: use whole_word, wordpiece or span"
        if not 0 < self.probability < 1:
            yield "probability", f"is {self.probability}: must lie between 0 and 1; 0.15 is BERT's"
        if self.replace_per not in ("piece", "word"):
            yield "replace_per", f"is {self.replace_per!r}: use piece or word"


@dataclass(frozen=True)
class Evaluation:
    """Held-out batches with fixed masks: at the end of every phase, and each `every` steps (0: only at the end)."""

    every: int = 0
    batches: int = 50  # 0 turns evaluation off
    split: str = "dev"

    def problems(self) -> Problems:
        """What is wrong with these settings, by field."""
        for name in ("every", "batches"):
            if getattr(self, name) < 0:
                yield name, f"is {getattr(self, name)}: must not be negative"
        if self.split not in ("dev", "test"):
            yield "split", f"is {self.split!r}: use dev or test; what was trained on says nothing"


@dataclass(frozen=True)
class Phase:
    """One stretch of training with one batch shape, and so one compilation."""

    name: str
    sequence_length: int
    batch: int  # instances per update, over all devices and micro batches
    steps: int  # updates
    learning_rate: LearningRate
    max_predictions: int = 0  # masked positions per row; 0: those of the data, or 0.15 of the sequence, rounded
    data: str = ""  # folder below --data; empty: the one there whose records have this sequence length
    accumulation: int = 0  # micro batches per update; 0: as few as memory allows
    packing: bool = False  # several instances in a row, attention kept apart (dynamic records)
    next_sentence_weight: float = 1.0  # of the second-segment loss; 0 for full-sentence data
    reset_moments: bool = False  # begin the phase with zero optimizer moments
    on_corrupt: str = "error"  # or skip: count and go on
    optimizer: OptimizerSettings = OptimizerSettings()
    masking: Masking = Masking()
    evaluation: Evaluation = Evaluation()

    @property
    def predictions(self) -> int:
        """Masked positions per row."""
        return self.max_predictions or max(1, round(0.15 * self.sequence_length))

    def problems(self) -> Problems:
        """What is wrong with these settings, by field."""
        if not 8 <= self.sequence_length <= 4096:
            yield "sequence_length", f"is {self.sequence_length}: must lie between 8 and 4096"
        for name in ("batch", "steps"):
            if getattr(self, name) < 1:
                yield name, f"is {getattr(self, name)}: must be at least 1"
        if self.accumulation < 0:
            yield "accumulation", f"is {self.accumulation}: must not be negative; 0 lets memory decide"
        elif self.accumulation and self.batch % self.accumulation:
            near = self.accumulation * max(1, round(self.batch / self.accumulation))
            yield "batch", f"{self.batch} does not divide into {self.accumulation} micro batches; {near} would"
        if not 0 <= self.max_predictions < self.sequence_length:
            yield "max_predictions", f"is {self.max_predictions}: must be below sequence_length {self.sequence_length}"
        if self.learning_rate.warmup_steps >= self.steps:
            remedy = f"shorten learning_rate.warmup_steps {self.learning_rate.warmup_steps} or lengthen the phase"
            yield "steps", f"{self.steps} ends before the warm-up does: {remedy}"
        if self.next_sentence_weight < 0:
            yield "next_sentence_weight", f"is {self.next_sentence_weight}: must not be negative; 0 turns it off"
        if self.on_corrupt not in ("error", "skip"):
            yield "on_corrupt", f"is {self.on_corrupt!r}: use error or skip"


@dataclass(frozen=True)
class KeepRule:
    """Keep every checkpoint whose step is a multiple of `every`, after `after` and up to `until` (0: to the end)."""

    every: int
    until: int = 0
    after: int = 0

    def problems(self) -> Problems:
        """What is wrong with these settings, by field."""
        if self.every < 1:
            yield "every", f"is {self.every}: must be at least 1"
        if self.until and self.until <= self.after:
            yield "until", f"is {self.until}, not beyond after {self.after}"

    def keeps(self, step: int) -> bool:
        """Whether the checkpoint of `step` is kept for good."""
        return step > self.after and step % self.every == 0 and (not self.until or step <= self.until)


@dataclass(frozen=True)
class Checkpointing:
    """When checkpoints are written and which stay. One is also written at the end of a phase and on SIGTERM."""

    every: int = 5000
    keep_last: int = 2
    keep: tuple[KeepRule, ...] = ()
    keep_phase_ends: bool = True

    def problems(self) -> Problems:
        """What is wrong with these settings, by field."""
        for name in ("every", "keep_last"):
            if getattr(self, name) < 1:
                yield name, f"is {getattr(self, name)}: must be at least 1"


@dataclass(frozen=True)
class Guard:
    """What happens when a loss or gradient is not finite, or the loss leaps above its running mean."""

    on_nonfinite: str = "rollback"  # or stop
    on_spike: str = "rollback"  # or stop, or ignore
    spike_factor: float = 2.0  # a spike is a loss above this many times the running mean of the phase
    max_rollbacks: int = 3  # then the run stops

    def problems(self) -> Problems:
        """What is wrong with these settings, by field."""
        if self.on_nonfinite not in ("rollback", "stop"):
            yield "on_nonfinite", f"is {self.on_nonfinite!r}: use rollback or stop"
        if self.on_spike not in ("rollback", "stop", "ignore"):
            yield "on_spike", f"is {self.on_spike!r}: use rollback, stop or ignore"
        if self.spike_factor <= 1:
            yield "spike_factor", f"is {self.spike_factor}: must be above 1; 2 is usual"
        if self.max_rollbacks < 0:
            yield "max_rollbacks", f"is {self.max_rollbacks}: must not be negative"


@dataclass(frozen=True)
class Plan:
    """A whole run."""

    name: str
    phase: tuple[Phase, ...]
    description: str = ""
    seed: int = 42
    log_every: int = 100  # updates per log line
    model: ModelSettings = ModelSettings()
    init: Initialisation = Initialisation()
    checkpoint: Checkpointing = Checkpointing()
    guard: Guard = Guard()

    @property
    def phases(self) -> tuple[Phase, ...]:
        """The phases in order; TOML calls them `[[phase]]`."""
        return self.phase

    @property
    def steps(self) -> int:
        """Updates of the whole run."""
        return sum(phase.steps for phase in self.phases)

    def first_step(self, phase_index: int) -> int:
        """The step of the whole run with which a phase begins."""
        return sum(phase.steps for phase in self.phases[:phase_index])

    def phase_index(self, step: int) -> int:
        """The phase that update `step` (0-based) belongs to; the number of phases when the run is over."""
        ends = [self.first_step(i) + phase.steps for i, phase in enumerate(self.phases)]
        return sum(end <= step for end in ends)

    def first_data_step(self, phase_index: int) -> int:
        """The batch with which a phase begins: phases over the same data in the same batches go on where the last stopped."""

        def stream(phase: Phase) -> tuple[Any, ...]:
            return phase.data, phase.sequence_length, phase.predictions, phase.batch, phase.packing

        here = stream(self.phases[phase_index])
        return sum(phase.steps for phase in self.phases[:phase_index] if stream(phase) == here)

    def problems(self) -> Problems:
        """What is wrong with these settings, by field."""
        if not self.phase:
            yield "phase", "is missing: a plan needs at least one [[phase]]"
        if self.log_every < 1:
            yield "log_every", f"is {self.log_every}: must be at least 1"
        if not 0 <= self.seed < 2**31:
            yield "seed", f"is {self.seed}: must lie between 0 and 2**31 - 1"
        names = [phase.name for phase in self.phase]
        for name in {name for name in names if names.count(name) > 1}:
            yield "phase", f"has two phases named {name!r}: names tell results apart; rename one"

    def to_json(self) -> dict[str, Any]:
        """The plan as plain JSON values."""
        return dataclasses.asdict(self)
