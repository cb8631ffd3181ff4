"""A rule of quality: what it measures, its threshold, and where both come from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

Measure = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Rule:
    """Drops a document whose measure is above the threshold, or, with `below`, below it.

    `measure` takes counters, int64 [..., columns], and gives float64 [...]. `meaning` completes "drops a document ...",
    with {} for the threshold. With `share` the measure is from 0 to 1.
    """

    name: str
    source: str
    meaning: str
    measure: Measure
    threshold: float
    below: bool = False
    share: bool = False

    def drops(self, rows: np.ndarray) -> np.ndarray:
        """Whether the rule drops the documents of these rows: bool [...] for int64 [..., columns]."""
        measured = self.measure(rows)
        return measured < self.threshold if self.below else measured > self.threshold

    def describe(self) -> str:
        """One line: what the rule drops, and its source."""
        return f"drops a document {self.meaning.format(f'{self.threshold:g}')}; {self.source}"

    def validate(self) -> None:
        """Raise ValueError, whose message says what the threshold must be, for one that means nothing."""
        if self.share and not 0 <= self.threshold <= 1:
            raise ValueError("a number from 0 to 1")
        if not 0 <= self.threshold < float("inf"):
            raise ValueError("a number from 0 up")


def would_drop(rows: np.ndarray, rules: Sequence[Rule]) -> np.ndarray:
    """Whether each rule would drop each document: bool [..., rules] for counters int64 [..., columns]."""
    verdicts = np.zeros((*rows.shape[:-1], len(rules)), bool)
    for number, rule in enumerate(rules):
        verdicts[..., number] = rule.drops(rows)
    return verdicts


def dropping_rules(row: np.ndarray, rules: Sequence[Rule]) -> list[Rule]:
    """The rules that drop the document of one row of counters, in the order of `rules`."""
    return [rule for rule in rules if rule.drops(row)]
