"""The compiled pass over documents: the scores of all languages on the beginning of each, as much of it as it takes.

Both tables are far larger than a processor's caches, so most of the time goes into waiting for memory. Eight documents
are therefore walked through the automaton side by side: while one waits, the others go on.
"""

import numba
import numpy as np

from beam_jobs.language_detection.model import SCORE_SCALE

SIDE_BY_SIDE = 8  # documents
EVIDENCE_BITS = 9
EVIDENCE_SCALE = SCORE_SCALE >> EVIDENCE_BITS
"""A difference of scores, shifted right by EVIDENCE_BITS, is in nats times this number. Squared it is to fit an int64."""
MOST_EVIDENCE = np.int64(1 << 31)
"""More evidence counts as this much, which is enough to be clear in a text of 10**12 bytes."""

_MOST_SUM = 300_000  # of log counts: times the smallest weight, -12.25 * 2**9, their sum is an int32
_NO_SCORE = np.int64(-(1 << 62))
_FEATURE = np.int64(0xFFFFFFFF)


@numba.njit(cache=True, nogil=True)
def detect_documents(data, ends, windows, thin, model, kept, best, seconds, margins, over_kept, used):
    """Find the most probable label of each document of `data` (uint8, UTF-8).

    Document i ends before byte `ends[i]` (int64), and i + 1 begins there. Its first `windows[0]` bytes (int64, ascending,
    at least one) are read; while the margin of the best label is below sqrt(thin * bytes), its first `windows[1]` and so
    on, and then all of it. A window ends between two characters. `thin` is in nats**2 * EVIDENCE_SCALE**2 a byte. `model` is
    the tuple of a `ModelTables`.

    Written: `best` (int16), the label, or -1 if nothing in the text is known to the model; `seconds` (int16), the second label, or -1; `margins` (int64, in units
    of the scores), by how much it leads the second label; `over_kept` (int64), by how much it leads the best of the labels that
    are `kept` (bool [labels]), 0 if it is one of them or none is; `used` (int64), the bytes of the window.
    """
    label_of_column, next_states, states, weights, prior, log_counts = model
    counts = np.zeros(weights.shape[0], np.int32)
    seen = np.empty(weights.shape[0], np.int32)
    found = np.empty((SIDE_BY_SIDE, windows[0]), np.int32)
    numbers = np.empty(SIDE_BY_SIDE, np.int64)
    begins = np.empty(SIDE_BY_SIDE, np.int64)
    stops = np.empty(SIDE_BY_SIDE, np.int64)
    rows = np.empty(SIDE_BY_SIDE, np.int64)
    scores = np.empty(weights.shape[1], np.int64)
    part = np.empty(weights.shape[1], np.int32)
    of_labels = np.empty(kept.size, np.int64)
    for group in range(0, ends.size, SIDE_BY_SIDE):
        lanes = min(SIDE_BY_SIDE, ends.size - group)
        for lane in range(lanes):
            document = group + lane
            begins[lane] = ends[document - 1] if document else 0
            stops[lane] = _window_end(data, begins[lane], ends[document], windows[0])
        _walk(data, begins[:lanes], stops, states, next_states, rows, found, numbers)
        for lane in range(lanes):
            document = group + lane
            number = 0
            for i in range(numbers[lane]):
                number = _count(found[lane, i], counts, seen, number)
            stop = stops[lane]
            window = 0
            while True:
                _score(number, counts, seen, weights, prior, log_counts, scores, part)
                first, second, margin, ahead = _best(scores, label_of_column, kept, of_labels)
                if stop == ends[document] or not _is_thin(margin, stop - begins[lane], thin):
                    break
                window += 1
                longest = windows[window] if window < windows.size else ends[document]
                stop = _window_end(data, begins[lane], ends[document], longest)
                number = _count_all(data, begins[lane], stop, states, next_states, counts, seen)
            best[document] = first if number else -1
            seconds[document] = second if number else -1
            margins[document] = margin if number else 0
            over_kept[document] = ahead if number else 0
            used[document] = stop - begins[lane]


@numba.njit(cache=True, nogil=True, inline="always")
def _window_end(data, begin, end, window):
    if end - begin <= window:
        return end
    end = begin + window
    while end > begin and (data[end] & 0xC0) == 0x80:
        end -= 1
    return end


@numba.njit(cache=True, nogil=True)
def _walk(data, begins, stops, states, next_states, rows, found, numbers):
    """Write the features of each document in their order to `found[lane]`, and how many to `numbers`."""
    longest = 0
    for lane in range(begins.size):
        rows[lane] = states[0] >> 32 << 8
        numbers[lane] = 0
        longest = max(longest, stops[lane] - begins[lane])
    for i in range(longest):
        for lane in range(begins.size):
            at = begins[lane] + i
            if at < stops[lane]:
                state = states[next_states[np.uint64(rows[lane]) + np.uint64(data[np.uint64(at)])]]
                rows[lane] = state >> 32 << 8
                if state & _FEATURE:
                    found[lane, numbers[lane]] = (state & _FEATURE) - 1
                    numbers[lane] += 1


@numba.njit(cache=True, nogil=True)
def _count_all(data, begin, stop, states, next_states, counts, seen):
    """Count the features of one text of any length. Returns how many different ones there are."""
    number = 0
    row = states[0] >> 32 << 8
    for at in range(begin, stop):
        state = states[next_states[np.uint64(row) + np.uint64(data[np.uint64(at)])]]
        row = state >> 32 << 8
        if state & _FEATURE:
            number = _count((state & _FEATURE) - 1, counts, seen, number)
    return number


@numba.njit(cache=True, nogil=True, inline="always")
def _count(feature, counts, seen, number):
    if counts[feature] == 0:
        seen[number] = feature
        number += 1
    counts[feature] += 1
    return number


@numba.njit(cache=True, nogil=True)
def _score(number, counts, seen, weights, prior, log_counts, scores, part):
    """The score of each column, from the features counted, whose counts become 0 again."""
    scores[:] = prior
    part[:] = 0
    total = 0
    for i in range(number):
        feature = np.uint64(seen[i])
        weight = log_counts[min(counts[feature], log_counts.size - 1)]
        counts[feature] = 0
        total += weight
        if total > _MOST_SUM:
            for c in range(part.size):
                scores[c] += part[c]
                part[c] = 0
            total = weight
        for c in range(part.size):
            part[c] += np.int32(weight * np.int32(weights[feature, np.uint64(c)]))
    for c in range(part.size):
        scores[c] += part[c]


@numba.njit(cache=True, nogil=True)
def _best(scores, label_of_column, kept, of_labels):
    """The best label, the second, by how much the best leads it, and by how much it leads the best of those kept."""
    of_labels[:] = _NO_SCORE
    for column in range(label_of_column.size):
        label = label_of_column[column]
        of_labels[label] = max(of_labels[label], scores[column])
    first = 0
    for label in range(1, of_labels.size):
        if of_labels[label] > of_labels[first]:
            first = label
    second = 0 if first else 1
    best_kept = _NO_SCORE
    for label in range(of_labels.size):
        if label != first and of_labels[label] > of_labels[second]:
            second = label
        if kept[label]:
            best_kept = max(best_kept, of_labels[label])
    ahead = of_labels[first] - best_kept if best_kept != _NO_SCORE else np.int64(0)
    return first, second, of_labels[first] - of_labels[second], ahead


@numba.njit(cache=True, nogil=True, inline="always")
def _is_thin(margin, size, thin):
    evidence = min(margin >> EVIDENCE_BITS, MOST_EVIDENCE)
    return evidence * evidence < thin * size
