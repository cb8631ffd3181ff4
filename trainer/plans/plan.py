"""Plans as typed values. A plan describes a training run. `reading.py` reads it from TOML.

A plan names a model, where its weights start, and a list of phases. All numbers of a phase are its own: its learning
rate, for example, counts from its own first step. A phase takes over the weights, the optimizer's state and the random
state of the phase before it, and nothing else.
"""

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from beam_jobs.errors import Problems
from trainer.plans.distillation import Distillation
from trainer.plans.settings import (
    Checkpointing,
    Evaluation,
    Guard,
    Initialisation,
    LearningRate,
    Masking,
    ModelSettings,
    OptimizerSettings,
)

LARGEST = 2**31 - 1  # steps and rows are counted as int32 on the device


@dataclass(frozen=True)
class Phase:
    """A part of the training with one batch shape, which is compiled once."""

    name: str
    sequence_length: int
    batch: int  # instances per update, over all devices and micro batches
    steps: int  # updates
    learning_rate: LearningRate
    max_predictions: int = 0  # masked positions per row; 0: those of the data, or 0.15 of the sequence, rounded
    data: str = ""  # folder below --data; empty: the folder whose records have this sequence length
    accumulation: int = 0  # micro batches per update; 0: as few as memory allows
    packing: bool = False  # several instances in a row that do not attend to each other (dynamic records)
    next_sentence_weight: float = 1.0  # of the second-segment loss; 0 for full-sentence data
    reset_moments: bool = False  # begin the phase with a fresh optimizer state
    on_corrupt: str = "error"  # or skip: count the record and go on
    optimizer: OptimizerSettings = field(default_factory=OptimizerSettings)
    masking: Masking = field(default_factory=Masking)
    evaluation: Evaluation = field(default_factory=Evaluation)

    @property
    def predictions(self) -> int:
        """Masked positions per row."""
        return self.max_predictions or max(1, round(0.15 * self.sequence_length))

    def evaluation_due(self, done: int) -> bool:
        """Whether the model is evaluated after `done` updates of the phase."""
        return done == self.steps or bool(self.evaluation.every and done % self.evaluation.every == 0)

    def problems(self) -> Problems:
        """What is wrong with these settings, by field."""
        if not 8 <= self.sequence_length <= 4096:
            yield "sequence_length", f"is {self.sequence_length}: must lie between 8 and 4096"
        for name in ("batch", "steps"):
            if not 1 <= getattr(self, name) <= LARGEST:
                yield name, f"is {getattr(self, name)}: must be at least 1 and at most {LARGEST:,}"
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
class Plan:
    """A whole run."""

    name: str
    phase: tuple[Phase, ...]
    description: str = ""
    seed: int = 42
    log_every: int = 100  # updates per log line
    model: ModelSettings = field(default_factory=ModelSettings)
    init: Initialisation = field(default_factory=Initialisation)
    checkpoint: Checkpointing = field(default_factory=Checkpointing)
    guard: Guard = field(default_factory=Guard)
    distillation: Distillation | None = None  # learn from a teacher, with `trainer distill`; None: from the data alone

    @property
    def phases(self) -> tuple[Phase, ...]:
        """The phases in order; TOML calls them `[[phase]]`."""
        return self.phase

    @property
    def steps(self) -> int:
        """Updates of the whole run."""
        return sum(phase.steps for phase in self.phases)

    def with_phases(self, phases: Iterable[Phase]) -> "Plan":
        """The same plan with other phases."""
        return dataclasses.replace(self, phase=tuple(phases))

    def first_step(self, phase_index: int) -> int:
        """The step of the whole run with which a phase begins."""
        return sum(phase.steps for phase in self.phases[:phase_index])

    def phase_index(self, step: int) -> int:
        """The phase of update `step` (0-based), or the number of phases if the run is over."""
        ends = [self.first_step(i) + phase.steps for i, phase in enumerate(self.phases)]
        return sum(end <= step for end in ends)

    def first_data_step(self, phase_index: int) -> int:
        """The batch with which a phase begins. If an earlier phase reads the same rows, it continues where that stopped.

        If the size of a batch changes, some rows, fewer than a batch, are left out, and none comes twice.
        """

        def stream(phase: Phase) -> tuple[Any, ...]:
            return phase.data, phase.sequence_length, phase.predictions, phase.packing

        here = self.phases[phase_index]
        rows = sum(p.steps * p.batch for p in self.phases[:phase_index] if stream(p) == stream(here))
        return -(-rows // here.batch)

    def problems(self) -> Problems:
        """What is wrong with these settings, by field."""
        if not self.phase:
            yield "phase", "is missing: a plan needs at least one [[phase]]"
        if self.steps > LARGEST:
            yield "phase", f"has {self.steps:,} steps in all: must be at most {LARGEST:,}"
        if self.log_every < 1:
            yield "log_every", f"is {self.log_every}: must be at least 1"
        if not 0 <= self.seed < 2**31:
            yield "seed", f"is {self.seed}: must lie between 0 and 2**31 - 1"
        names = [phase.name for phase in self.phase]
        for name in {name for name in names if names.count(name) > 1}:
            yield "phase", f"has two phases named {name!r}: names tell results apart; rename one"
        for phase in self.phase if self.distillation else ():
            if phase.next_sentence_weight:
                weight = f"next_sentence_weight {phase.next_sentence_weight}"
                yield "phase", f"{phase.name!r} has {weight}: distillation has no second-segment loss; set it to 0"

    def to_json(self) -> dict[str, Any]:
        """The plan as plain JSON values."""
        return dataclasses.asdict(self)
