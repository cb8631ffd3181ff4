"""What a model predicted for a set of examples, beside what is right."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

Kind = Literal["classification", "multi_label", "regression", "tagging", "answering"]


@dataclass(frozen=True)
class Predictions:
    """The predictions for a set of examples, in its order, and the gold where it is known.

    `predicted` and `gold` have for each example, by kind:

        classification  a label
        multi_label     a tuple of labels, in any order
        regression      a float
        tagging         a tuple of tags, one for each word
        answering       predicted: a text, empty for "no answer"; gold: a tuple of texts, empty if there is no answer
    """

    kind: Kind
    ids: tuple[str, ...]
    predicted: tuple[Any, ...]
    gold: tuple[Any, ...] | None = None
    labels: tuple[str, ...] = ()
    """All labels of a classification, in the order of the model."""
    null_odds: tuple[float, ...] | None = None
    """Of answers: the score of no answer minus that of the best span."""
    best_spans: tuple[str, ...] | None = None
    """Of answers: the best span, whatever the odds; with `null_odds`."""

    def problem(self) -> str:
        """Why these predictions cannot be scored, in a few words; empty if they can."""
        if self.gold is None:
            return "has no gold labels"
        if not self.ids:
            return "has no examples"
        for id, predicted, gold in zip(self.ids, self.predicted, self.gold, strict=True):
            if self.kind == "tagging" and len(predicted) != len(gold):
                return f"has {len(predicted)} tags for example {id}, but its gold has {len(gold)}"
        unknown = sorted({label for gold in self.gold for label in self._labels_of(gold)} - set(self.labels))
        return f"knows no label {unknown[0]!r}, which the gold has" if unknown else ""

    def _labels_of(self, gold: Any) -> Iterable[str]:
        if self.kind == "classification":
            return [gold]
        return gold if self.kind == "multi_label" else ()

    def with_gold(self, gold: Mapping[str, Any]) -> "Predictions":
        """The same with the gold of each id. Raises KeyError for an id that has none."""
        return replace(self, gold=tuple(gold[id] for id in self.ids))
