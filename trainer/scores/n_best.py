"""From the logits of a question's windows to its best answers.

A context that is longer than a window lies in several, which overlap (Devlin et al. 2018, run_squad). Every span of
every window is a candidate: its score is the start logit of its first piece plus the end logit of its last one. A span
that lies in several windows is taken from the one that shows most of what is around its first piece; if that one cuts
the span off, from one that holds it (run_squad loses such a span). No answer at all is a candidate too: its score is
that of [CLS], the lowest over the windows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

NO_SPAN_ODDS = 1e6
"""The odds of no answer where the context has no span at all: above every threshold, and finite, for JSON."""


class Window(Protocol):
    """The pieces of one window. `starts` and `ends` are characters of the context, int32 [pieces], -1 outside of it.

    `best`, bool [pieces], says for which pieces this window has the most context. The first piece is [CLS].
    """

    @property
    def starts(self) -> NDArray[np.int32]:
        """The first character of each piece."""

    @property
    def ends(self) -> NDArray[np.int32]:
        """The character behind each piece."""

    @property
    def best(self) -> NDArray[np.bool_]:
        """Whether answers may begin at a piece in this window."""


@dataclass(frozen=True)
class ScoredAnswer:
    """Characters `[start, end)` of the context, as `text`; `probability` is the softmax over the n best and no answer."""

    text: str
    start: int
    end: int
    score: float
    probability: float


@dataclass(frozen=True)
class NBest:
    """The best answers of one question, the best first, each text once; none if the context has no span."""

    answers: tuple[ScoredAnswer, ...]
    null_score: float
    null_probability: float

    @property
    def null_odds(self) -> float:
        """The score of no answer minus that of the best span: the number that SQuAD's null_odds.json has."""
        return self.null_score - self.answers[0].score if self.answers else NO_SPAN_ODDS

    def answer(self, null_threshold: float | None = 0.0) -> ScoredAnswer | None:
        """The best span, or None for "no answer" where the odds are above the threshold; without one, always the span."""
        refused = null_threshold is not None and self.null_odds > null_threshold
        return None if refused or not self.answers else self.answers[0]


def n_best(
    windows: Sequence[Window],
    start_logits: Sequence[NDArray[np.float32]],
    end_logits: Sequence[NDArray[np.float32]],
    context: str,
    *,
    size: int = 20,
    max_answer_pieces: int = 30,
) -> NBest:
    """The `size` best answers of at most `max_answer_pieces` pieces, from all windows of one question.

    The logits of a window are float [pieces]; they may be longer, as rows of a padded batch are. White space at the ends of a
    span is no part of the answer, and a span of white space alone is none. Raises ValueError without a window.
    """
    if not windows:
        raise ValueError("a question has at least one window")
    null_score = min(float(start[0]) + float(end[0]) for start, end in zip(start_logits, end_logits, strict=True))
    reach = _reach(windows, len(context))
    rows = zip(windows, start_logits, end_logits, strict=True)
    columns = [_spans(*row, reach, max_answer_pieces) for row in rows]
    scores, starts, ends = (np.concatenate(parts) for parts in zip(*columns, strict=True))
    chosen: dict[str, tuple[int, int, float]] = {}
    for at in np.argsort(-scores, kind="stable"):
        start, end = _trimmed(context, int(starts[at]), int(ends[at]))
        if start < end:
            chosen.setdefault(context[start:end], (start, end, float(scores[at])))
        if len(chosen) == size:
            break
    logits = np.array([null_score, *(score for *_, score in chosen.values())])
    shares = np.exp(logits - logits.max())
    shares /= shares.sum()
    answers = zip(chosen.items(), shares[1:], strict=True)
    return NBest(
        tuple(ScoredAnswer(text, *place, float(share)) for (text, place), share in answers),
        null_score,
        float(shares[0]),
    )


def _reach(windows: Sequence[Window], length: int) -> NDArray[np.int32]:
    """How far the best window of a piece shows the context, by the first character of the piece: int32 [characters + 1]."""
    reach = np.zeros(length + 1, np.int32)
    for window in windows:
        reach[window.starts[window.best]] = window.ends.max()
    return reach


def _spans(
    window: Window,
    start_logits: NDArray[np.float32],
    end_logits: NDArray[np.float32],
    reach: NDArray[np.int32],
    max_pieces: int,
) -> tuple[NDArray[np.float64], NDArray[np.int32], NDArray[np.int32]]:
    """(score, first character, character behind) of the spans that are taken from a window, three arrays [spans]."""
    pieces = len(window.starts)
    first = np.flatnonzero(window.starts >= 0)[:, None]
    last = first + np.arange(max_pieces)
    inside = last < pieces
    last = np.minimum(last, pieces - 1)
    taken = window.best[first] | (window.ends[last] > reach[window.starts[first]])
    row, column = np.nonzero(inside & taken & (window.ends[last] >= 0))
    first, last = first[row, 0], last[row, column]
    scores = np.asarray(start_logits, np.float64)[first] + np.asarray(end_logits, np.float64)[last]
    return scores, window.starts[first], window.ends[last]


def _trimmed(context: str, start: int, end: int) -> tuple[int, int]:
    text = context[start:end]
    return start + len(text) - len(text.lstrip()), end - len(text) + len(text.rstrip())
