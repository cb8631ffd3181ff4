"""Cuts a text that is too long for a row into windows that overlap, and says which window sees a piece best.

`overlap` is what two neighbouring windows have in common, in pieces. It is not the step from one to the next, as
`doc_stride` of google-research/bert is: that is the room of a window minus the overlap.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from beam_jobs.errors import Problems, raise_first

_QUESTION_AND_CONTEXT = 3  # [CLS] question [SEP] context [SEP]
_SPECIAL = 2  # [CLS] words [SEP]


@dataclass(frozen=True)
class WindowSettings:
    """How long texts are cut. Lengths are in pieces.

    Every question that is cut to `max_question_length` must leave a context more room than windows overlap: then no
    input can fail, however long it is.
    """

    max_seq_length: int  # of a row, special pieces included
    window_overlap: int  # that two neighbouring windows have in common
    max_question_length: int = 64  # a longer question is cut and counted; 0 where texts have no questions

    @property
    def room(self) -> int:
        """The pieces of a text that a window holds at least, beside the longest question if there are any."""
        return self.max_seq_length - (self.max_question_length + 1 if self.max_question_length else 0) - _SPECIAL

    def problems(self) -> Problems:
        """Each setting that cannot work, with its remedy."""
        if self.max_question_length < 0:
            yield "max_question_length", f"is {self.max_question_length}; name 1 or more pieces"
        if self.window_overlap < 0:
            yield "window_overlap", f"is {self.window_overlap}; name 0 or more pieces"
        if self.room < 1:
            question = f" a question of {self.max_question_length} pieces" if self.max_question_length else ""
            beside = f" beside{question} and" if question else " beside"
            yield "max_seq_length", f"is {self.max_seq_length}, which leaves no room{beside} special pieces; name more"
        elif self.window_overlap >= self.room:
            beside = (
                f" beside a question of {self.max_question_length} (--max_question_length)"
                if self.max_question_length
                else ""
            )
            yield (
                "window_overlap",
                (
                    f"is {self.window_overlap}, but a window of {self.max_seq_length} pieces has room for {self.room} of the text"
                    f"{beside}, and must go on by at least one; name at most {self.room - 1}"
                ),
            )

    def validate(self) -> None:
        """Raise UserError for the first problem."""
        raise_first(self.problems(), "--")


def windows(length: int, room: int, overlap: int) -> list[tuple[int, int]]:
    """The first piece of each window, and the one behind its last: they cover a text of `length` pieces in order.

    All windows have `room` pieces, but for the last, which has the rest. A text without pieces has one window. Raises
    ValueError unless 0 <= overlap < room.
    """
    if not 0 <= overlap < room:
        raise ValueError(f"windows of {room} pieces cannot overlap by {overlap}")
    return list(_windows(length, room, overlap))


def _windows(length: int, room: int, overlap: int) -> Iterator[tuple[int, int]]:
    start = 0
    while start + room < length:
        yield start, start + room
        start += room - overlap
    yield start, length


def best_windows(cut: list[tuple[int, int]], length: int) -> np.ndarray:
    """The window that shows most of the surroundings of each piece: int32 [length].

    That is google-research/bert's rule ("max context" in run_squad.py): the window with the largest
    min(pieces before, pieces behind) + 0.01 * pieces of the window; of equals the first.
    """
    best, best_score = np.zeros(length, np.int32), np.full(length, -1, np.int64)
    for number, (start, end) in enumerate(cut):
        place = np.arange(start, end)
        score = 100 * np.minimum(place - start, end - 1 - place) + (end - start)
        better = score > best_score[start:end]
        best[start:end][better] = number
        best_score[start:end][better] = score[better]
    return best
