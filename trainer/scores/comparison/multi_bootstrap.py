"""The multi-bootstrap of MultiBERTs (Sellam et al. 2021, arXiv:2106.16163): is one kind of model better than another?

A score varies with the seeds of a training and with the examples that it is tested on. Each draw takes as many seeds and as
many examples as there are, with replacement, and scores both sides on the same examples. With paired seeds, where
seed s of one side and seed s of the other share something (a pretrained model, the order of the data), both sides take the
same seeds. Runs of one seed are averaged first, so that each seed weighs the same.

The draws are those of the published function (google-research/language, language/multiberts/multibootstrap.py), given
the same seed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_BLOCK_ELEMENTS = 1 << 22  # weights that are held at once: 32 MB


@dataclass(frozen=True, eq=False)
class Side:
    """The runs of one side.

    `scores(weights)` gives the scores of every run, [draws, runs, metrics], on resamples of the examples: `weights`, float64
    [draws, examples], says how often each example is in a resample. `seeds` has the seed of each run; they are sorted for
    the draws.
    """

    scores: Callable[[Floats], Floats]
    seeds: Sequence[int]


@dataclass(frozen=True, eq=False)
class Samples:
    """The scores of both sides in every draw, each [draws, metrics]."""

    base: Floats
    experiment: Floats

    @property
    def difference(self) -> Floats:
        """Experiment minus base."""
        return self.experiment - self.base


@dataclass(frozen=True)
class Interval:
    """A percentile interval of draws."""

    low: float
    high: float


def multi_bootstrap(
    base: Side, experiment: Side, examples: int, *, paired: bool = False, draws: int = 1000, seed: int = 0
) -> Samples:
    """Draw seeds and examples together, `draws` times. The same arguments give the same samples.

    Raises ValueError if the seeds are paired, and not the same on both sides.
    """
    mixes = _SeedMix.of(base.seeds), _SeedMix.of(experiment.seeds)
    if paired and mixes[0].names != mixes[1].names:
        raise ValueError("paired seeds must be the same on both sides")
    stream = np.random.RandomState(seed)  # its numbers are the same in every version of numpy
    found: tuple[list[Floats], list[Floats]] = [], []
    block = max(1, _BLOCK_ELEMENTS // max(examples, 1))
    for begun in range(0, draws, block):
        count = min(block, draws - begun)
        seeds = [np.zeros((count, len(mix.names))) for mix in mixes]
        weights = np.zeros((count, examples))
        for row in range(count):
            seeds[0][row] = _draw(stream, len(mixes[0].names))
            seeds[1][row] = seeds[0][row] if paired else _draw(stream, len(mixes[1].names))
            weights[row] = _draw(stream, examples)
        for at, side in enumerate((base, experiment)):
            found[at].append(mixes[at].mean(side.scores(weights), seeds[at]))
    return Samples(*(np.concatenate(parts) for parts in found))


def observed(side: Side, examples: int) -> Floats:
    """The scores on the examples as they are: the mean over seeds of the mean over a seed's runs, [metrics]."""
    mix = _SeedMix.of(side.seeds)
    return mix.mean(side.scores(np.ones((1, examples))), np.ones((1, len(mix.names))))[0]


def interval(samples: Floats, confidence: float = 0.95) -> Interval:
    """The percentile interval of draws [draws]."""
    low, high = np.quantile(samples, [(1 - confidence) / 2, 1 - (1 - confidence) / 2])
    return Interval(float(low), float(high))


def p_value(differences: Floats, *, lower_is_better: bool = False) -> float:
    """The share of draws [draws] in which the experiment is not better. One-sided, and never 0: at least 1 / draws."""
    wrong = differences >= 0 if lower_is_better else differences <= 0
    return max(float(wrong.mean()), 1 / len(differences))


@dataclass(frozen=True, eq=False)
class _SeedMix:
    """The seeds of a side, sorted, and the matrix [runs, seeds] that averages the runs of each."""

    names: list[int]
    matrix: Floats

    @staticmethod
    def of(seeds: Sequence[int]) -> "_SeedMix":
        names = sorted(set(seeds))
        member = np.array([[seed == name for name in names] for seed in seeds], np.float64)
        return _SeedMix(names, member / member.sum(0))

    def mean(self, scores: Floats, seeds: Floats) -> Floats:
        """Scores [draws, runs, metrics] and how often each seed was drawn [draws, seeds] to means [draws, metrics]."""
        return np.einsum("drm,rs,ds->dm", scores, self.matrix, seeds / seeds.sum(1, keepdims=True))


def _draw(stream: np.random.RandomState, count: int) -> NDArray[np.int64]:
    """How often each of `count` items is among as many that are drawn with replacement, int64 [count]."""
    return np.bincount(stream.randint(0, count, size=count), minlength=count)
