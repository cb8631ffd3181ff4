"""The language of each text, and whether it is certain enough to act on it."""

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from beam_jobs.language_detection.detect_kernel import EVIDENCE_BITS, EVIDENCE_SCALE, MOST_EVIDENCE, detect_documents
from beam_jobs.language_detection.head_kernel import CAPITALS, COMBINING, FEW_LETTERS, flag_heads
from beam_jobs.language_detection.model import SCORE_SCALE, detection_model
from beam_jobs.language_detection.norwegian import nynorsk_words
from vocab.unicode_forms import to_nfc

LEAST_LETTERS = 50
"""Of a text with fewer letters the language is never certain."""

WINDOWS = (400, 1000)
"""The bytes of a text that are read first, and next if the first leave doubt. After these comes the whole text."""

_SURE = 0.6  # of the margin in nats divided by the square root of the bytes read
_CLEAR = 1.5  # the same; with less, more of the text is read
_NATS_A_WORD = 8  # what a word says that only Nynorsk or only Bokmål has, where the model is in doubt about the two
_NATS_FOR_NYNORSK = 1  # of which the model knows less; both chosen on other texts than those of the benchmark
_LETTERS_AT_ONCE = 256


class DetectedLanguage(NamedTuple):
    """What was found of one text."""

    code: str  # the most probable language, "" if nothing in the text is known to the model
    sure: bool  # it leads the second by enough, in a text of enough letters
    foreign: bool  # it leads all the languages that are kept by enough, in a text of enough letters


def detect_languages(
    texts: Sequence[str], utf8: np.ndarray, ends: np.ndarray, keep: Collection[str] = ()
) -> list[DetectedLanguage]:
    """Detect the languages of `texts`, of which `utf8` (uint8) is the UTF-8 and `ends` (int64) the end of each.

    `keep` are codes of DETECTED_LANGUAGES; if there are none, no text is foreign. The same text gets the same language on every
    machine, whatever texts are beside it. Text mostly in capitals is lower-cased first. Raises UserError as
    `model_file` does.
    """
    flags = np.empty(len(ends), np.uint8)
    flag_heads(utf8, ends, WINDOWS[0], LEAST_LETTERS, flags)
    best, sure, foreign = _detect(utf8, ends, keep)
    rewritten = dict(_rewritten(texts, flags))
    if rewritten:
        places = list(rewritten)
        best[places], sure[places], foreign[places] = _detect(*_joined(list(rewritten.values())), keep)
    for place in np.flatnonzero((flags & FEW_LETTERS > 0) & (sure | foreign)).tolist():
        if not _has_letters(texts[place]):
            sure[place] = foreign[place] = False
    names = [*detection_model().labels, ""]  # -1 is the last
    return [
        DetectedLanguage(names[label], *certain)
        for label, *certain in zip(best.tolist(), sure.tolist(), foreign.tolist(), strict=True)
    ]


def _detect(utf8: np.ndarray, ends: np.ndarray, keep: Collection[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The label of each text (int16), whether it is sure, and whether it is foreign (bool)."""
    labels, tables = detection_model()
    kept = np.array([label in keep for label in labels])
    best, seconds = (np.empty(len(ends), np.int16) for _ in range(2))
    margins, over_kept, used = (np.empty(len(ends), np.int64) for _ in range(3))
    found = best, seconds, margins, over_kept, used
    detect_documents(utf8, ends, np.array(WINDOWS, np.int64), _squared(_CLEAR), tuple(tables), kept, *found)
    norwegian = labels.index("nb"), labels.index("nn")
    doubtful = np.isin(best, norwegian) & np.isin(seconds, norwegian) & ~_is_over(margins, used, _CLEAR)
    for place in np.flatnonzero(doubtful).tolist():
        begin = int(ends[place - 1]) if place else 0
        text = utf8[begin : begin + int(used[place])].tobytes().decode("utf-8", "replace")
        best[place], margins[place] = _bokmaal_or_nynorsk(text, norwegian, best[place], margins[place])
        if any(kept[label] for label in norwegian):
            over_kept[place] = 0 if kept[best[place]] else margins[place]
    return best, _is_over(margins, used, _SURE), _is_over(over_kept, used, _SURE)


def _bokmaal_or_nynorsk(text: str, labels: tuple[int, int], best: int, margin: int) -> tuple[int, int]:
    """The label and the margin of a text of which the model says only that it is Norwegian."""
    bokmaal, nynorsk = labels
    for_nynorsk = int(margin if best == nynorsk else -margin)
    for_nynorsk += (_NATS_A_WORD * nynorsk_words(text) + _NATS_FOR_NYNORSK) * SCORE_SCALE
    return (nynorsk if for_nynorsk > 0 else bokmaal), abs(for_nynorsk)


def _squared(evidence: float) -> int:
    return round((evidence * EVIDENCE_SCALE) ** 2)


def _is_over(margins: np.ndarray, used: np.ndarray, least: float) -> np.ndarray:
    """Whether a margin in nats is above `least` times the square root of the bytes, in integers."""
    evidence = np.minimum(margins >> EVIDENCE_BITS, MOST_EVIDENCE)
    return evidence * evidence > _squared(least) * used


def _rewritten(texts: Sequence[str], flags: np.ndarray) -> Iterator[tuple[int, str]]:
    """Those texts that must be read in another form, with their places: in lower case, or in Unicode form NFC."""
    for place in np.flatnonzero(flags & (CAPITALS | COMBINING)).tolist():
        text = texts[place]
        form = text.lower() if _in_capitals(text[: WINDOWS[0]]) else text
        if flags[place] & COMBINING:
            form = to_nfc(form)
        if form is not text:
            yield place, form


def _in_capitals(head: str) -> bool:
    return head.lower() != head and sum(map(str.isupper, head)) > sum(map(str.islower, head))


def _has_letters(text: str) -> bool:
    letters = 0
    for first in range(0, len(text), _LETTERS_AT_ONCE):
        letters += sum(map(str.isalpha, text[first : first + _LETTERS_AT_ONCE]))
        if letters >= LEAST_LETTERS:
            return True
    return False


def _joined(texts: list[str]) -> tuple[np.ndarray, np.ndarray]:
    encoded = [text.encode() for text in texts]
    return np.frombuffer(b"".join(encoded), np.uint8), np.cumsum([len(text) for text in encoded], dtype=np.int64)
