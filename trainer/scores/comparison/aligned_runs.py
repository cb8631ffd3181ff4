"""Two sides of runs that have predicted the same examples, brought into one order."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from beam_jobs.errors import UserError
from trainer.scores.predictions import Predictions


@dataclass(frozen=True)
class Run:
    """The predictions of one run. `seed` is what it shares with other runs: those of its side are averaged first."""

    name: str
    seed: int
    predictions: Predictions


def aligned(base: Sequence[Run], experiment: Sequence[Run]) -> tuple[list[Run], list[Run]]:
    """Both sides with their examples in the order of the first run, and all with the labels of all.

    Raises UserError, which names the runs, if one has no gold, or if two are of different kinds, have other examples or
    another gold.
    """
    runs = [*base, *experiment]
    first = runs[0]
    for run in runs:
        if problem := run.predictions.problem():
            raise UserError(f"{run.name} {problem}; compare runs whose examples are labelled")
        if run.predictions.kind != first.predictions.kind:
            kinds = first.predictions.kind, run.predictions.kind
            raise UserError(f"{first.name} is {kinds[0]}, but {run.name} is {kinds[1]}; compare runs of one task")
        _require_ids_of(first, run)
        _require_ids_of(run, first)
        _require_same_gold(first, run)
    labels = tuple(dict.fromkeys(label for run in runs for label in run.predictions.labels))
    ordered = [replace(run, predictions=_in_order(run.predictions, first.predictions.ids, labels)) for run in runs]
    return ordered[: len(base)], ordered[len(base) :]


def some_of(names: Iterable[str]) -> str:
    """The first three names, for a message, and dots if there are more."""
    listed = list(names)
    return ", ".join(listed[:3]) + (", ..." if len(listed) > 3 else "")


def _require_ids_of(one: Run, other: Run) -> None:
    there = set(other.predictions.ids)
    if lacking := [id for id in one.predictions.ids if id not in there]:
        raise UserError(
            f"{other.name} has no prediction for {len(lacking)} of the {len(one.predictions.ids)} examples of {one.name} "
            f"(ids {some_of(lacking)}); compare runs that have predicted the same file"
        )


def _require_same_gold(one: Run, other: Run) -> None:
    gold = dict(zip(one.predictions.ids, one.predictions.gold or (), strict=True))
    for id, answer in zip(other.predictions.ids, other.predictions.gold or (), strict=True):
        same = set(answer) == set(gold[id]) if other.predictions.kind == "multi_label" else answer == gold[id]
        if not same:
            raise UserError(
                f"{one.name} and {other.name} do not agree on what is right for example {id}; compare runs that have "
                "predicted the same file"
            )


def _in_order(found: Predictions, ids: tuple[str, ...], labels: tuple[str, ...]) -> Predictions:
    places = {id: at for at, id in enumerate(found.ids)}
    at = [places[id] for id in ids]
    gold = found.gold or ()
    predicted = tuple(found.predicted[place] for place in at)
    return Predictions(found.kind, ids, predicted, tuple(gold[place] for place in at), labels)
