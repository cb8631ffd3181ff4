"""Each threshold has its line, and a corpus as BERT's has none."""

import dataclasses
from typing import Any

import pytest

from beam_jobs.console.warnings import WARNINGS
from beam_jobs.instances.doubts import (
    Figures,
    doubts_about_instances,
    doubts_about_predictions,
    doubts_about_vocabulary,
)
from beam_jobs.settings import InstanceSettings, fitting_predictions

GOOD = Figures(
    instances=10_000, labels=(5000, 5000), pieces=1_100_000, padding=180_000, unknown=1000, predictions=165_000,
    most_predictions=19, full=5000,
)  # fmt: skip


def _arguments(shares: tuple[float, ...] = (0.5, 0.5), **changes: Any) -> tuple[Any, ...]:
    return dataclasses.replace(GOOD, **changes), 128, 0.15, shares, "vocab.txt"


def _doubts(shares: tuple[float, ...] = (0.5, 0.5), **changes: Any) -> list[str]:
    return [warning.text for warning in doubts_about_instances(*_arguments(shares, **changes))]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"unknown": 11_001}, "1.0% of the pieces are [UNK], more than 1%"),
        ({"predictions": 60_000, "most_predictions": 7}, "5.5% of the pieces are predicted, not 15%"),
        ({"padding": 1_200_000}, "52.2% of the positions are padding, more than 50%"),
        ({"labels": (9900, 100)}, "1.0% of the instances have label 1, not about half (from 30% to 70%)"),
        ({"labels": (100, 9900)}, "99.0% of the instances have label 1"),
    ],
)
def test_one_figure_one_line(changes: dict[str, Any], says: str) -> None:
    (line,) = _doubts(**changes)
    assert line.startswith(says)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"unknown": 11_000},
        {"predictions": 60_000},  # there was room: something else, such as short documents
        {"predictions": 0, "most_predictions": 0},  # not masked yet
        {"labels": (99, 1)},  # too few to tell
        {"labels": (0, 0)},
        {"labels": (), **dict.fromkeys(("instances", "pieces", "padding", "unknown", "predictions", "full"), 0)},
    ],
)
def test_no_figure_beyond_its_threshold(changes: dict[str, Any]) -> None:
    assert _doubts(**changes) == []


def test_labels_matter_only_to_tasks_that_have_them() -> None:
    assert _doubts(shares=(), labels=(10_000, 0)) == []


@pytest.mark.parametrize(("labels", "label"), [((9000, 600, 400), 1), ((5000, 3000, 2000), 2), ((5000, 5000), 1)])
def test_each_of_three_labels_has_its_threshold(labels: tuple[int, ...], label: int) -> None:
    (line,) = _doubts(shares=(0.4, 0.25, 0.35), labels=labels)
    assert line.startswith(f"{labels[label] / 10_000:.1%} of the instances have label {label}, not about ")
    assert _doubts(shares=(0.4, 0.25, 0.35), labels=(4000, 2600, 3400)) == []


def test_vocabularies() -> None:
    assert list(doubts_about_vocabulary(0.01, 2.5)) == []
    first, second = doubts_about_vocabulary(0.02, 3.14159)
    assert first.text.startswith("2.0% of the words become [UNK]")
    assert second.text.startswith("3.14 pieces per word")
    assert (first.name, second.name) == ("unknown_words", "pieces_per_word")


@pytest.mark.parametrize(
    ("length", "most", "warned"), [(512, 19, 1), (512, 61, 1), (512, 62, 0), (512, 0, 0), (128, 19, 0)]
)
def test_fewer_predictions_than_four_fifths_of_those_that_fit(length: int, most: int, warned: int) -> None:
    """77 fit into 512 pieces at 15 %, and four fifths of them are 61.6."""
    settings = InstanceSettings(max_seq_length=length, max_predictions_per_seq=most)
    found = list(doubts_about_predictions(settings))
    assert [warning.name for warning in found] == ["predictions"] * warned
    assert list(doubts_about_predictions(dataclasses.replace(settings, masking="dynamic"))) == []


def test_every_warning_has_a_name_that_can_be_silenced() -> None:
    bad = {"unknown": 11_001, "predictions": 60_000, "most_predictions": 7, "padding": 1_200_000, "labels": (9900, 100)}
    names = {warning.name for warning in doubts_about_instances(*_arguments(**bad))}
    assert names == {"unknown_pieces", "predictions", "padding", "labels"}
    assert names <= set(WARNINGS)


@pytest.mark.parametrize(
    ("length", "probability", "fitting"),
    [(128, 0.15, 19), (512, 0.15, 77), (64, 0.15, 10), (8, 1.0, 7), (8, 0.01, 1), (128, float("nan"), 0)],
)
def test_predictions_that_fit(length: int, probability: float, fitting: int) -> None:
    assert fitting_predictions(length, probability) == fitting
    assert InstanceSettings(max_seq_length=length, masked_lm_prob=probability).max_predictions_per_seq == fitting
    assert InstanceSettings(max_seq_length=length, max_predictions_per_seq=5).max_predictions_per_seq == 5
