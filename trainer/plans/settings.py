"""The parts of a plan: the names, meanings and allowed values of its settings.

`problems()` of each class yields (field, what is wrong and the remedy). A key inside a field is given as `field.key`.
`reading.py` adds the file and the line.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from beam_jobs.console.nearest import did_you_mean
from beam_jobs.errors import Problems
from trainer.model.attention.kernel import SETTINGS as ATTENTION_SETTINGS
from trainer.model.config import HEADS, value_problem
from vocab.network_keys import NETWORK_KEYS


@dataclass(frozen=True)
class ModelSettings:
    """The network. `config` overrides keys of the model class's config (Hugging Face's BertConfig names)."""

    model_class: str = "data"  # a built-in class, a model-class file, or "data": the class of the data
    config: Mapping[str, Any] = field(default_factory=dict)
    compute_dtype: str = "bfloat16"  # of activations; weights, norms, logits and losses are always float32
    reduce_dtype: str = "float32"  # in which gradients are added over devices; bfloat16 halves what is sent, and rounds
    rematerialise: bool = False  # recompute layers in the backward pass: a third more time, but a tenth of the memory
    shard_moments: bool = False  # each device keeps a part of the optimizer's moments; for many devices
    attention: str = "auto"  # auto: fused on a TPU or GPU that takes the heads' size, else einsum; or one of the two

    def problems(self) -> Problems:
        """What is wrong with these settings, by field."""
        if not self.model_class:
            yield "model_class", 'is empty: name a built-in class, a model-class file, or "data"'
        if self.compute_dtype not in ("bfloat16", "float16", "float32"):
            yield "compute_dtype", f'is {self.compute_dtype!r}: use "bfloat16" or "float32"'
        if self.compute_dtype == "float16":
            yield "compute_dtype", 'float16 needs loss scaling, which is not built: use "bfloat16"'
        if self.reduce_dtype not in ("bfloat16", "float32"):
            yield "reduce_dtype", f'is {self.reduce_dtype!r}: use "float32" or "bfloat16"'
        if self.attention not in ATTENTION_SETTINGS:
            yield "attention", f'is {self.attention!r}: use "auto", "fused" or "einsum"'
        for key, value in self.config.items():
            if key not in NETWORK_KEYS:
                remedy = did_you_mean(key, NETWORK_KEYS, otherwise=f"it has {', '.join(NETWORK_KEYS)}")
                yield f"config.{key}", f"is no setting of the network: {remedy}"
            elif problem := value_problem(key, value):
                yield f"config.{key}", problem


@dataclass(frozen=True)
class Initialisation:
    """Where the weights start if the output folder holds no checkpoint yet (resume > init > fresh)."""

    checkpoint: str = ""  # a Hugging Face, TF1 or Model Garden checkpoint, or a run's output; empty: random weights
    allow_missing: tuple[str, ...] = ()  # of HEADS, those that may stay random

    def problems(self) -> Problems:
        """What is wrong with these settings, by field; whether the checkpoint can be reached shows when a run starts."""
        for head in self.allow_missing:
            if head not in HEADS:
                yield "allow_missing", f"has {head!r}: use {', '.join(HEADS[:-1])} or {HEADS[-1]}"


@dataclass(frozen=True)
class OptimizerSettings:
    """LAMB or AdamW. The defaults are BERT's; decay acts inside LAMB's trust ratio."""

    name: str = "lamb"
    weight_decay: float = 0.01
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-6
    bias_correction: bool = True  # google-research/bert trained without it
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
    end: float = 0.0  # the last value of the decay; not used by constant and inverse_sqrt
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
        if self.power <= 0:
            yield "power", f"is {self.power}: must be above 0; 1 is linear"
        if self.end > self.peak:
            yield "end", f"is {self.end}, above the peak {self.peak}: a decay falls; lower it"


@dataclass(frozen=True)
class Masking:
    """How dynamic records are masked on the fly. Static records have their masks already."""

    kind: str = "whole_word"  # whole_word, wordpiece, span or ngram
    probability: float = 0.15
    replace_per: str = "piece"  # mask, random or kept is drawn for each piece, as in BERT, or for each word

    def problems(self) -> Problems:
        """What is wrong with these settings, by field."""
        if self.kind not in ("whole_word", "wordpiece", "span", "ngram"):
            yield "kind", f"is {self.kind!r}: use whole_word, wordpiece, span or ngram"
        if not 0 < self.probability < 1:
            yield "probability", f"is {self.probability}: must lie between 0 and 1; 0.15 is BERT's"
        if self.replace_per not in ("piece", "word"):
            yield "replace_per", f"is {self.replace_per!r}: use piece or word"


@dataclass(frozen=True)
class Evaluation:
    """Held-out batches with fixed masks: at the end of every phase, and each `every` steps (0: only at the end).

    Instances are `batches` times the phase's batch, or the whole split where that is smaller, on any number of devices.
    """

    every: int = 0
    batches: int = 50  # of the phase's batch size; 0 turns evaluation off
    split: str = "dev"
    metric: str = ""  # the figure by which the best checkpoint of a phase is chosen, and kept; empty: none is chosen
    best: str = "highest"  # or lowest, for a loss
    patience: int = 0  # end the run after so many evaluations in a row that were not better; 0: never

    def problems(self) -> Problems:
        """What is wrong with these settings, by field."""
        if self.best not in ("highest", "lowest"):
            yield "best", f"is {self.best!r}: use highest or lowest"
        if self.patience and not self.metric:
            yield "patience", f"is {self.patience}, but metric is not set: name the figure that should get better"
        for name in ("every", "batches", "patience"):
            if getattr(self, name) < 0:
                yield name, f"is {getattr(self, name)}: must not be negative"
        if self.split not in ("dev", "test"):
            yield "split", f"is {self.split!r}: use dev or test; what was trained on says nothing"


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
    """When checkpoints are written, and which are kept. One is also written at the end of a phase and on SIGTERM."""

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
    """What happens if a loss or gradient is not finite, or if the loss rises far above its running mean."""

    on_nonfinite: str = "rollback"  # or stop
    on_spike: str = "rollback"  # or stop, or ignore
    spike_factor: float = 2.0  # a spike is a loss above this many times the running mean of the phase
    max_rollbacks: int = 3  # to the same checkpoint; then the run stops

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
