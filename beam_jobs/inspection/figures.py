"""The distributions of a scan as a short list, for the table in the terminal and the tiles of the page."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from beam_jobs.decoding.summary import Summary
from beam_jobs.settings.objectives import BERT_LABELS


@dataclass(frozen=True)
class Figure:
    """One line: a name, a value, and what to draw beside it, a share from 0 to 1 or a histogram."""

    name: str
    value: str
    note: str = ""
    share: float | None = None
    histogram: np.ndarray | None = None  # int64, from the first possible value on


def figures(summary: Summary, labels: Sequence[str] = BERT_LABELS) -> list[Figure]:
    """The figures, in the order in which a researcher looks at them. Figures that the records do not contain are left out.

    `labels` are the words for each value of the label.
    """
    if not summary.instances:
        return []
    found = [
        Figure(
            "pieces per instance", f"{mean(summary.lengths):.1f}", _of_width(summary), histogram=summary.lengths[1:]
        ),
    ]
    if summary.padding:
        share = summary.padding / summary.stored
        found.append(Figure("padding", percent(share), "of the positions", share=share))
    if labelled := int(summary.labels.sum()):
        for label, words in list(enumerate(labels))[1:]:
            share = int(summary.labels[label]) / labelled if label < len(summary.labels) else 0.0
            found.append(Figure(f"label {label}", percent(share), words, share=share))
    if summary.one_segment:
        share = summary.one_segment / summary.instances
        found.append(Figure("one segment", percent(share), "instances without a second segment", share=share))
    share = summary.unknown / summary.pieces
    found.append(Figure("[UNK]", percent(share), "of the pieces", share=share))
    if summary.dynamic < summary.instances:
        found += _of_masking(summary)
    if summary.dynamic:
        share = summary.dynamic / summary.instances
        found.append(Figure("not masked yet", percent(share), "dynamic instances, masked by the trainer", share=share))
    return found


def _of_masking(summary: Summary) -> list[Figure]:
    per_instance, predictions = summary.predictions_per_instance, max(summary.predictions, 1)
    share = summary.predictions / summary.pieces
    found = [
        Figure(
            "predictions per instance",
            f"{mean(per_instance):.1f}",
            f"of at most {len(per_instance) - 1}",
            histogram=per_instance,
        ),
        Figure("predicted", percent(share), "of the pieces", share=share),
    ]
    for name, count, note in (
        ("  hidden by [MASK]", summary.masked, "of the predictions; 80 % is usual"),
        ("  another piece", summary.random, "10 % is usual"),
        ("  kept as it was", summary.kept, "10 % is usual"),
    ):
        found.append(Figure(name, percent(count / predictions), note, share=count / predictions))
    if summary.long_words:
        share = summary.whole_words / summary.long_words
        note = "of masked words of several pieces"
        found.append(Figure("whole words", percent(share), note, share=share))
    return found


def mean(histogram: np.ndarray) -> float:
    """The mean of the values that a histogram counts, the first of which is 0."""
    return float((histogram * np.arange(len(histogram))).sum() / max(histogram.sum(), 1))


def mask_rate_by_position(summary: Summary) -> np.ndarray:
    """float64 [longest]: the share of the pieces at each position that are predicted; nan beyond every instance."""
    longer = np.cumsum(summary.lengths[::-1])[::-1][1:]  # instances with a piece at the position
    rate = np.full(len(longer), np.nan)
    there = longer > 0
    rate[there] = summary.predicted_at[: len(longer)][there] / longer[there]
    return rate[: np.flatnonzero(there)[-1] + 1 if there.any() else 0]


def percent(share: float) -> str:
    """`12.3 %`. Small shares get more digits, so that they do not look like 0."""
    if 0 < share < 0.001:
        return f"{100 * share:.2g} %"
    return f"{100 * share:.1f} %" if share >= 0.01 or share == 0 else f"{100 * share:.2f} %"


def _of_width(summary: Summary) -> str:
    width = summary.stored / summary.instances
    if not summary.padding:
        return f"longest {int(np.flatnonzero(summary.lengths)[-1])}"
    full = summary.lengths[-1] / summary.instances if len(summary.lengths) - 1 == width else 0.0
    return f"of {width:g}" + (f"; {percent(full)} are full" if full else "")
