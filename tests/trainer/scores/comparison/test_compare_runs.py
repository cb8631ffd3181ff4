import random

import numpy as np
import pytest

from beam_jobs.errors import UserError
from trainer.scores.comparison.aligned_runs import Run
from trainer.scores.comparison.compare_runs import Settings, compare
from trainer.scores.predictions import Predictions
from trainer.scores.scores_of import scores_of

COUNT = 60


def _runs(skill, seeds=(0, 1, 2), name="run", start=0):
    stream = random.Random(start)
    gold = [random.Random(i).choice("abc") for i in range(COUNT)]
    runs = []
    for seed in seeds:
        predicted = tuple(label if stream.random() < skill else stream.choice("abc") for label in gold)
        found = Predictions("classification", tuple(map(str, range(COUNT))), predicted, tuple(gold), ("a", "b", "c"))
        runs.append(Run(f"{name}-{seed}", seed, found))
    return runs


def test_a_clear_difference_is_one():
    base, experiment = _runs(0.2), _runs(0.9, start=1)
    found = compare(base, experiment, Settings())
    assert (found.kind, found.examples) == ("classification", COUNT)
    assert (found.base_seeds, found.base_runs, found.experiment_seeds, found.experiment_runs) == (3, 3, 3, 3)
    assert [row.metric for row in found.metrics] == ["macro_f1", "accuracy"]
    for row in found.metrics:
        values = [
            np.mean([scores_of(run.predictions)["scores"][row.metric] for run in side]) for side in (base, experiment)
        ]
        assert (row.base.value, row.experiment.value) == pytest.approx(values)
        assert row.difference.value == pytest.approx(values[1] - values[0])
        assert row.base.interval.low < row.base.value < row.base.interval.high
        assert row.difference.interval.low > 0.2
        assert (row.p, row.always_better) == (1 / 1000, True)


def test_no_difference_is_none():
    runs = _runs(0.5)
    row = compare(runs, runs, Settings(paired=True, draws=100)).metrics[0]
    assert row.difference.value == row.difference.interval.low == row.difference.interval.high == 0
    assert (row.p, row.always_better) == (1.0, False)


def test_of_errors_the_lower_is_the_better():
    def run(error):
        gold = tuple(float(i) for i in range(20))
        return Run("x", 0, Predictions("regression", tuple(map(str, range(20))), tuple(g + error for g in gold), gold))

    better = compare([run(2.0)], [run(0.5)], Settings(("mae",), draws=100)).metrics[0]
    assert (better.difference.value, better.p, better.always_better) == (-1.5, 0.01, True)
    worse = compare([run(0.5)], [run(2.0)], Settings(("mae",), draws=100)).metrics[0]
    assert (worse.p, worse.always_better) == (1.0, False)


def test_metrics_by_name_also_of_one_class():
    found = compare(_runs(0.4), _runs(0.6, start=1), Settings(("f1:b", "matthews", "f1:b"), draws=100))
    assert [row.metric for row in found.metrics] == ["f1:b", "matthews"]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("macrof1", "--metric macrof1 is no metric of classification here: did you mean macro_f1?"),
        ("zzzz", "there are "),
    ],
)
def test_an_unknown_metric(asked, message):
    with pytest.raises(UserError) as caught:
        compare(_runs(0.4), _runs(0.4), Settings((asked,)))
    assert message in str(caught.value)


def test_paired_seeds_must_be_the_same():
    with pytest.raises(
        UserError, match="needs the same seeds on both sides, but there are 1, 2 only in --base and 5 only in --exp"
    ):
        compare(_runs(0.4), _runs(0.4, seeds=(0, 5)), Settings(paired=True))
    compare(_runs(0.4), _runs(0.4, seeds=(0, 5)), Settings(draws=100))


def test_pairing_sees_what_seeds_share():
    """Each pretrained model is good or bad, and the experiment adds a little to each."""
    stream = np.random.RandomState(0)
    gold = tuple(stream.choice(list("ab"), 200))
    sides = []
    for extra in (0.0, 0.06):
        runs = []
        for seed, skill in enumerate((0.55, 0.7, 0.85, 0.6, 0.8)):
            right = np.arange(200) % 100 < 100 * (skill + extra)
            predicted = tuple(g if ok else "ab"[g == "a"] for g, ok in zip(gold, right, strict=True))
            runs.append(
                Run(
                    f"{extra}-{seed}",
                    seed,
                    Predictions("classification", tuple(map(str, range(200))), predicted, gold, ("a", "b")),
                )
            )
        sides.append(runs)
    widths = []
    for paired in (True, False):
        found = compare(*sides, Settings(("accuracy",), paired=paired, draws=400)).metrics[0].difference
        widths.append(found.interval.high - found.interval.low)
    assert widths[0] < widths[1] / 2


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (Settings(draws=10), "--draws 10 must be at least 100"),
        (Settings(confidence=1.0), r"--confidence 1\.0 must be between 0 and 1"),
        (Settings(seed=-1), "--seed -1 must be between 0 and"),
    ],
)
def test_settings_that_make_no_sense(settings, message):
    with pytest.raises(UserError, match=message):
        settings.validate()


@pytest.mark.parametrize(
    ("predictions", "metrics"),
    [
        (Predictions("tagging", ("1",), (("NOUN",),), (("NOUN",),)), ["accuracy"]),
        (Predictions("tagging", ("1",), (("B-X",),), (("B-X",),)), ["micro_f1", "accuracy"]),
        (Predictions("answering", ("1",), ("x",), (("x",),)), ["f1", "exact_match"]),
        (Predictions("multi_label", ("1",), (("x",),), (("x",),), ("x",)), ["macro_f1", "micro_f1", "subset_accuracy"]),
        (Predictions("regression", ("1", "2"), (0.0, 1.0), (1.0, 2.0)), ["pearson", "spearman"]),
    ],
)
def test_the_usual_metrics_of_each_kind(predictions, metrics):
    run = Run("x", 0, predictions)
    assert [row.metric for row in compare([run], [run], Settings(draws=100)).metrics] == metrics
