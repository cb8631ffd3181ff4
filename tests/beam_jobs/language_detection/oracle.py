"""Language detection in plain Python: the automaton byte by byte, and scores of whole numbers without limits."""

import math
from collections import Counter
from dataclasses import dataclass

from beam_jobs.language_detection.model import COUNT_SCALE, MOST_COUNTED, DetectionModel


@dataclass(frozen=True)
class Found:
    """As the arrays of `detect_documents`."""

    best: int
    second: int
    margin: int
    over_kept: int
    used: int


def detect(data: bytes, windows: list[int], thin: int, model: DetectionModel, kept: list[bool]) -> Found:
    """The label of a text from its first window that leaves no doubt, or from all of it."""
    for window in [*windows, len(data)]:
        text = whole_characters(data, window)
        scores = label_scores(text, model)
        if scores is None:
            found = Found(-1, -1, 0, 0, len(text))
            margin = margin_of([int(p) for p in of_labels(model.tables.prior.tolist(), model)])
        else:
            first = scores.index(max(scores))
            margin = margin_of(scores)
            best_kept = max((score for score, keep in zip(scores, kept, strict=True) if keep), default=scores[first])
            second = max((label for label in range(len(scores)) if label != first), key=lambda label: scores[label])
            found = Found(first, second, margin, scores[first] - best_kept, len(text))
        if len(text) == len(data) or (margin // 2**9) ** 2 >= thin * len(text):
            break
    return found


def whole_characters(data: bytes, window: int) -> bytes:
    """The first `window` bytes without the last character if they cut it."""
    if window >= len(data):
        return data
    while window and data[window] & 0xC0 == 0x80:
        window -= 1
    return data[:window]


def label_scores(text: bytes, model: DetectionModel) -> list[int] | None:
    """The score of each label, None if the model knows nothing in the text."""
    tables = model.tables
    row, features = int(tables.states[0]) >> 32, Counter()
    for byte in text:
        state = int(tables.states[int(tables.next_states[row * 256 + byte])])
        row, feature = state >> 32, state & 0xFFFFFFFF
        if feature:
            features[feature - 1] += 1
    if not features:
        return None
    scores = [int(prior) for prior in tables.prior]
    for feature, count in features.items():
        weight = round(math.log1p(min(count, MOST_COUNTED)) * COUNT_SCALE)
        scores = [
            score + weight * log_probability
            for score, log_probability in zip(scores, tables.weights[feature].tolist(), strict=True)
        ]
    return of_labels(scores, model)


def of_labels(scores: list[int], model: DetectionModel) -> list[int]:
    """The best of the columns of each label."""
    best = [-(10**30)] * len(model.labels)
    for label, score in zip(model.tables.label_of_column.tolist(), scores, strict=False):
        best[label] = max(best[label], score)
    return best


def margin_of(scores: list[int]) -> int:
    """By how much the first leads the second."""
    second, first = sorted(scores)[-2:]
    return first - second
