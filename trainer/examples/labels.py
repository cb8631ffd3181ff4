"""The names of labels in their fixed order, which is their order in the head's output."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from beam_jobs.console.nearest import did_you_mean
from beam_jobs.errors import Problems, UserError, raise_first
from trainer.examples.example import Place

_SHOWN = 20  # labels that a message lists


@dataclass(frozen=True)
class Labels:
    """Labels in the order of their ids.

    The order is that of --labels, or that of the model that is continued, or else that of `labels_of`. It never depends
    on the order of a file, so that two runs on the same labels have the same head.
    """

    names: tuple[str, ...]

    def problems(self) -> Problems:
        """What makes names useless as labels."""
        if len(self.names) < 1:
            yield "labels", "names none; name at least one"
        for name, count in Counter(self.names).items():
            if not name.strip():
                yield "labels", "has an empty name; name every label"
            if count > 1:
                yield "labels", f"names {name!r} {count} times; name every label once"

    def validate(self) -> None:
        """Raise UserError for the first problem."""
        raise_first(self.problems(), "--")

    def __len__(self) -> int:
        return len(self.names)

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {name: i for i, name in enumerate(self.names)}

    def __contains__(self, name: str) -> bool:
        return name in self._ids

    def id(self, name: str, place: Place) -> int:
        """The id of a label. Raises UserError, naming file and row, for one that is not there."""
        if name not in self._ids:
            raise self._unknown(name, place, 1)
        return self._ids[name]

    def ids(self, named: Sequence[tuple[str, Place]]) -> np.ndarray:
        """The ids of labels with their places: int32 [labels].

        Raises UserError for the first label that is not there, and says how often it occurs.
        """
        for name, place in named:
            if name not in self._ids:
                raise self._unknown(name, place, sum(other == name for other, _ in named))
        return np.array([self._ids[name] for name, _ in named], np.int32)

    def _unknown(self, name: str, place: Place, count: int) -> UserError:
        known = ", ".join(self.names[:_SHOWN]) + (", ..." if len(self) > _SHOWN else "")
        often = f" (in all {count} times)" if count > 1 else ""
        nearest = did_you_mean(name, self.names, otherwise="mend the file, or name all labels by --labels")
        return UserError(f"{place}: the label {name!r}{often} is none of {known}; {nearest}")


def labels_of(names: Iterable[str]) -> Labels:
    """Names as labels, sorted by code points; if all of them are whole numbers, by their values."""
    found = set(names)
    if all(name.isascii() and name.removeprefix("-").isdigit() for name in found):
        return Labels(tuple(sorted(found, key=lambda name: (int(name), name))))
    return Labels(tuple(sorted(found)))
