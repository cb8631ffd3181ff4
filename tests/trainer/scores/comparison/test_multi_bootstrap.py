import json

import numpy as np
import pytest

from tests.trainer.scores.comparison.make_golden import (
    BASE_SEEDS,
    CLASSES,
    DRAWS,
    EXAMPLES,
    EXPERIMENT_SEEDS,
    GOLDEN,
    OTHER_SEEDS,
    SEED,
    runs,
)
from trainer.scores.class_counts import ClassCounts, averages
from trainer.scores.comparison import multi_bootstrap as module
from trainer.scores.comparison.multi_bootstrap import Side, interval, multi_bootstrap, observed, p_value


def _side(gold, predicted, seeds):
    """A side with accuracy and macro F1."""
    one_of = np.eye(CLASSES)
    counts = [ClassCounts(one_of[gold] * one_of[run], one_of[run], one_of[gold]) for run in predicted]

    def scores(weights):
        totals = [run.weighted(weights) for run in counts]
        return np.stack(
            [np.stack([t.correct.sum(-1) / t.gold.sum(-1), averages(t)["macro_f1"]], -1) for t in totals], 1
        )

    return Side(scores, seeds)


def _sides(name):
    gold, base, experiment, other = runs()
    second = (experiment, EXPERIMENT_SEEDS) if name == "paired" else (other, OTHER_SEEDS)
    return _side(gold, base, BASE_SEEDS), _side(gold, *second)


@pytest.mark.parametrize("name", ["paired", "unpaired"])
def test_the_published_function_gives_the_same(name):
    base, experiment = _sides(name)
    samples = multi_bootstrap(base, experiment, EXAMPLES, paired=name == "paired", draws=DRAWS, seed=SEED)
    golden = json.loads(GOLDEN.read_text())
    for at, metric in enumerate(("accuracy", "macro_f1")):
        wanted = golden[f"{name}_{metric}"]
        both = np.stack([samples.base[:, at], samples.experiment[:, at]], 1)
        assert both[:5] == pytest.approx(np.array(wanted["first"]), abs=1e-12)
        for part, draws in (("base", both[:, 0]), ("expt", both[:, 1]), ("delta", samples.difference[:, at])):
            found = interval(draws)
            assert (draws.mean(), found.low, found.high) == pytest.approx(
                (wanted[part]["mean"], wanted[part]["low"], wanted[part]["high"]), abs=1e-12
            )
        assert p_value(samples.difference[:, at]) == wanted["delta"]["p"]


def _coverage(simulations, seeds, examples, spread, paired=False, draws=200):
    """The share of simulations whose interval holds the true difference, .02.

    Each is a pair of trainings with `seeds` runs a side, whose answers are right or wrong. Examples differ in difficulty, and the
    accuracy of a seed has a standard deviation of `spread`; paired seeds share theirs.
    """
    stream = np.random.RandomState(seeds)
    covered = []
    for number in range(simulations):
        easy = np.clip(stream.normal(0.65, 0.1, examples), 0.3, 0.9)
        first = stream.normal(0, spread, seeds)
        second = first if paired else stream.normal(0, spread, seeds)
        chances = easy + first[:, None], easy + second[:, None] + 0.02
        sides = [_mean_side((stream.rand(seeds, examples) < chance).astype(np.float64)) for chance in chances]
        found = interval(multi_bootstrap(*sides, examples, paired=paired, draws=draws, seed=number).difference[:, 0])
        covered.append(found.low <= 0.02 <= found.high)
    return np.mean(covered)


def test_the_interval_of_the_difference_covers_the_truth_in_95_of_100_simulations():
    """1,000 of them: runs of one model differ by .01 in accuracy, as fine-tuned ones do."""
    found = [_coverage(250, seeds, 60, 0.01, paired) for seeds in (3, 5) for paired in (False, True)]
    assert min(found) >= 0.95


def test_the_interval_is_too_narrow_where_a_few_seeds_differ_more_than_examples_explain():
    """The limit that docs/finetuning.md names: three seeds tell too little about seeds."""
    assert _coverage(100, 3, 1000, 0.05, draws=100) < 0.93


def _mean_side(values):
    """A side whose metric is the mean over examples of `values` [runs, examples]."""
    return Side(lambda weights: (weights @ values.T / weights.sum(1, keepdims=True))[:, :, None], range(len(values)))


def test_no_difference_is_found_significant_as_rarely_as_it_should():
    stream = np.random.RandomState(2)
    p_values = []
    for number in range(200):
        sides = [_mean_side(stream.normal(0, 1, (4, 40)) + stream.normal(0, 0.3, (4, 1))) for _ in range(2)]
        p_values.append(p_value(multi_bootstrap(*sides, 40, draws=100, seed=number).difference[:, 0]))
    assert np.mean(np.array(p_values) <= 0.05) <= 0.08


def test_the_same_arguments_give_the_same_samples_in_blocks_of_any_size(monkeypatch):
    base, experiment = _sides("unpaired")
    one = multi_bootstrap(base, experiment, EXAMPLES, draws=50)
    monkeypatch.setattr(module, "_BLOCK_ELEMENTS", 7 * EXAMPLES)
    again = multi_bootstrap(base, experiment, EXAMPLES, draws=50)
    assert one.base == pytest.approx(again.base, abs=1e-14)
    assert one.experiment == pytest.approx(again.experiment, abs=1e-14)
    other = multi_bootstrap(base, experiment, EXAMPLES, draws=50, seed=1)
    assert not np.allclose(one.difference, other.difference)


def test_runs_of_one_seed_are_averaged_first():
    values = np.array([[1.0] * 4, [3.0] * 4, [8.0] * 4])
    side = Side(lambda weights: np.broadcast_to(values[:, :1], (len(weights), 3, 1)), [0, 0, 1])
    assert observed(side, 4).tolist() == [(2 + 8) / 2]
    samples = multi_bootstrap(side, side, 4, paired=True, draws=100)
    assert set(samples.base[:, 0]) == {2.0, 5.0, 8.0}
    assert set(samples.difference[:, 0]) == {0.0}


def test_paired_seeds_must_be_the_same():
    base, other = _sides("unpaired")
    with pytest.raises(ValueError, match="paired seeds must be the same"):
        multi_bootstrap(base, other, EXAMPLES, paired=True)


def test_a_p_value_is_the_share_of_draws_without_gain_and_never_zero():
    assert p_value(np.array([1.0, -1.0, 0.0, 2.0])) == 0.5
    assert p_value(np.array([1.0, -1.0, 0.0, 2.0]), lower_is_better=True) == 0.75
    assert p_value(np.ones(200)) == 1 / 200
    assert p_value(-np.ones(200)) == 1.0


def test_a_percentile_interval():
    found = interval(np.arange(101.0), 0.9)
    assert (found.low, found.high) == pytest.approx((5, 95))
