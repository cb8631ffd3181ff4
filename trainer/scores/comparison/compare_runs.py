"""Compares two sides of runs, metric by metric, by the multi-bootstrap."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from beam_jobs.console.nearest import did_you_mean
from beam_jobs.errors import UserError
from trainer.scores.comparison.aligned_runs import Run, aligned, some_of
from trainer.scores.comparison.multi_bootstrap import (
    Interval,
    Samples,
    Side,
    interval,
    multi_bootstrap,
    observed,
    p_value,
)
from trainer.scores.comparison.resampling import resampled
from trainer.scores.scores_of import LOWER_IS_BETTER, default_metric

_SHOWN = {
    "classification": ("macro_f1", "accuracy"),
    "multi_label": ("macro_f1", "micro_f1", "subset_accuracy"),
    "regression": ("pearson", "spearman"),
    "tagging": ("micro_f1", "accuracy"),
    "answering": ("f1", "exact_match"),
}
"""The metrics that are compared if none is asked for, as far as there are such."""


@dataclass(frozen=True)
class Settings:
    """How runs are compared. `metrics` may be empty for those that are usual for the kind of predictions."""

    metrics: tuple[str, ...] = ()
    paired: bool = False
    draws: int = 1000
    confidence: float = 0.95
    seed: int = 0

    def validate(self) -> None:
        """Raise UserError for the first wrong setting."""
        if self.draws < 100:
            raise UserError(f"--draws {self.draws} must be at least 100; 1000 is usual")
        if not 0 < self.confidence < 1:
            raise UserError(f"--confidence {self.confidence} must be between 0 and 1; 0.95 is usual")
        if not 0 <= self.seed < 1 << 32:
            raise UserError(f"--seed {self.seed} must be between 0 and {(1 << 32) - 1}")


@dataclass(frozen=True)
class Figure:
    """A score on the examples as they are, the mean of its draws, and their interval."""

    value: float
    mean: float
    interval: Interval


@dataclass(frozen=True)
class Compared:
    """One metric. `difference` is experiment minus base; `p` is the share of draws in which the experiment is not better.

    Where it is better in every draw (`always_better`), the true p is below `p`, which is 1 / draws.
    """

    metric: str
    base: Figure
    experiment: Figure
    difference: Figure
    p: float
    always_better: bool


@dataclass(frozen=True)
class Comparison:
    """Two sides of runs compared; seeds and runs are counted."""

    kind: str
    examples: int
    base_seeds: int
    base_runs: int
    experiment_seeds: int
    experiment_runs: int
    settings: Settings
    metrics: tuple[Compared, ...]


def compare(base: Sequence[Run], experiment: Sequence[Run], settings: Settings) -> Comparison:
    """Compare two sides, each at least one run; every run has predicted the same examples.

    Raises UserError, in one line that names the runs, for predictions of several kinds, without gold, of other examples or with
    another gold, for an unknown metric, and for paired seeds that are not the same on both sides.
    """
    settings.validate()
    if settings.paired:
        _require_same_seeds(base, experiment)
    sides = aligned(base, experiment)
    scored = [[resampled(run.predictions) for run in side] for side in sides]
    examples = len(sides[0][0].predictions.ids)
    kind = sides[0][0].predictions.kind
    once = [functions(np.ones((1, examples))) for side in scored for functions in side]
    names = _metrics(settings.metrics, kind, [name for name in once[0] if all(name in found for found in once)])

    def side_of(at: int) -> Side:
        def scores(weights: NDArray[np.float64]) -> NDArray[np.float64]:
            found = [functions(weights) for functions in scored[at]]
            return np.stack([np.stack([run[name] for name in names], -1) for run in found], 1)

        return Side(scores, [run.seed for run in sides[at]])

    first, second = side_of(0), side_of(1)
    samples = multi_bootstrap(first, second, examples, paired=settings.paired, draws=settings.draws, seed=settings.seed)
    seen = observed(first, examples), observed(second, examples)
    compared = tuple(_compared(name, at, samples, seen, settings) for at, name in enumerate(names))
    seeds = [len({run.seed for run in side}) for side in sides]
    return Comparison(kind, examples, seeds[0], len(base), seeds[1], len(experiment), settings, compared)


def _compared(
    name: str, at: int, samples: Samples, seen: tuple[NDArray[np.float64], NDArray[np.float64]], settings: Settings
) -> Compared:
    def figure(value: float, draws: NDArray[np.float64]) -> Figure:
        return Figure(float(value), float(draws.mean()), interval(draws, settings.confidence))

    difference = samples.difference[:, at]
    lower_is_better = name in LOWER_IS_BETTER
    return Compared(
        name,
        figure(seen[0][at], samples.base[:, at]),
        figure(seen[1][at], samples.experiment[:, at]),
        figure(seen[1][at] - seen[0][at], difference),
        p_value(difference, lower_is_better=lower_is_better),
        bool((difference < 0).all() if lower_is_better else (difference > 0).all()),
    )


def _require_same_seeds(base: Sequence[Run], experiment: Sequence[Run]) -> None:
    here, there = ({run.seed for run in side} for side in (base, experiment))
    only = {"--base": here - there, "--experiment": there - here}
    alone = [f"{some_of(map(str, sorted(seeds)))} only in {side}" for side, seeds in only.items() if seeds]
    if alone:
        raise UserError(
            f"--paired needs the same seeds on both sides, but there are {' and '.join(alone)}; add runs, or compare unpaired"
        )


def _metrics(asked: Sequence[str], kind: str, known: Sequence[str]) -> list[str]:
    for name in asked:
        if name not in known:
            remedy = did_you_mean(name, known, otherwise=f"there are {', '.join(known)}")
            raise UserError(f"--metric {name} is no metric of {kind} here: {remedy}")
    shown = [name for name in _SHOWN[kind] if name in known]
    return list(dict.fromkeys(asked or shown or [default_metric(kind, dict.fromkeys(known, 0.0))]))
