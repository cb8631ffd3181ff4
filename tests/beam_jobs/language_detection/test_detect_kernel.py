"""The kernel against plain Python, text for text."""

import json
import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from py3langid.langid import _load_identifier

from beam_jobs.language_detection import detect_kernel
from beam_jobs.language_detection.detect_kernel import EVIDENCE_BITS, SIDE_BY_SIDE, detect_documents
from beam_jobs.language_detection.languages import detected_code
from beam_jobs.language_detection.model import COUNT_SCALE, MOST_COUNTED, SCORE_SCALE, WEIGHT_SCALE, detection_model
from tests.beam_jobs.language_detection.oracle import Found, detect
from tests.beam_jobs.language_detection.texts import ARTICLE_1, NYNORSK_REVIEW

MODEL = detection_model()
THIN = round((1.5 * WEIGHT_SCALE * COUNT_SCALE / 2**EVIDENCE_BITS) ** 2)


def kernel(texts: list[bytes], windows: list[int], thin: int = THIN, keep: tuple[str, ...] = ()) -> list[Found]:
    data, ends = np.frombuffer(b"".join(texts), np.uint8), np.cumsum([len(text) for text in texts], dtype=np.int64)
    kept = np.array([label in keep for label in MODEL.labels])
    best, seconds = (np.empty(len(texts), np.int16) for _ in range(2))
    written = [np.empty(len(texts), np.int64) for _ in range(3)]
    detect_documents(data, ends, np.array(windows, np.int64), thin, tuple(MODEL.tables), kept, best, seconds, *written)
    return [
        Found(*row) for row in zip(best.tolist(), seconds.tolist(), *(array.tolist() for array in written), strict=True)
    ]


def oracle(texts: list[bytes], windows: list[int], thin: int = THIN, keep: tuple[str, ...] = ()) -> list[Found]:
    kept = [label in keep for label in MODEL.labels]
    return [detect(text, windows, thin, MODEL, kept) for text in texts]


ANY_TEXT = st.one_of(
    st.binary(max_size=80),
    st.text(max_size=60).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.tuples(st.sampled_from(sorted(ARTICLE_1)), st.integers(0, 100), st.integers(0, 200)).map(
        lambda cut: ARTICLE_1[cut[0]][cut[1] :][: cut[2]].encode()
    ),
)


@given(
    st.lists(ANY_TEXT, max_size=2 * SIDE_BY_SIDE + 1),
    st.lists(st.integers(1, 120), min_size=1, max_size=3, unique=True).map(sorted),
    st.sampled_from([(), ("nb", "nn"), ("en",)]),
)
@example([b"", b"0 1 2", b"", "å".encode() * 60], [1], ())
@example(["すべての人間".encode()] * 9, [1, 2], ("ja",))
@settings(max_examples=40, deadline=None)
def test_every_field_is_that_of_the_oracle(texts: list[bytes], windows: list[int], keep: tuple[str, ...]) -> None:
    assert kernel(texts, windows, keep=keep) == oracle(texts, windows, keep=keep)


def test_the_decisions_are_those_of_the_library() -> None:
    """On texts that are read whole: sentences, halves and thirds of them, and mixtures."""
    draw = random.Random(5)
    words = {code: text.split() if " " in text else list(text) for code, text in ARTICLE_1.items()}
    texts = list(ARTICLE_1.values())
    for _ in range(1500):
        one, other = draw.choice(sorted(words)), draw.choice(sorted(words))
        first, second = (
            draw.choices(words[one], k=draw.randint(1, 25)),
            draw.choices(words[other], k=draw.randint(0, 9)),
        )
        texts.append(" ".join(first + second).strip())
    texts = [text for text in texts if len(text.encode()) <= 400]
    library = _load_identifier()
    expected = [detected_code(library.classify(text)[0]) for text in texts]
    found = kernel([text.encode() for text in texts], [400], thin=0)
    other = [one for one, expected in zip(found, expected, strict=True) if MODEL.labels[one.best] != expected]
    # a score in floating point and one in whole numbers may order two languages that are nearly equal in another way
    assert len(other) <= len(texts) // 500
    assert all(one.margin < SCORE_SCALE // 2 for one in other)


def test_real_texts_of_many_languages_and_a_long_one_that_fills_the_sums() -> None:
    texts = [text.encode() for text in ARTICLE_1.values()]
    texts += [b" ".join(texts) * 4, (NYNORSK_REVIEW * 3).encode(), b"og " * (3 * MOST_COUNTED)]
    assert kernel(texts, [400, 1000]) == oracle(texts, [400, 1000])
    assert kernel(texts, [400, 1000], thin=1 << 40) == oracle(texts, [400, 1000], thin=1 << 40)  # read to their ends


def test_sums_are_added_up_before_they_overflow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Random text of many languages: 20,000 different features, of which an int32 cannot hold the sum."""
    draw = random.Random(3)
    words = " ".join(ARTICLE_1.values()).split()
    text = " ".join(draw.choice(words)[: draw.randint(1, 9)] + draw.choice(words) for _ in range(4000)).encode()
    (found,) = kernel([text], [1], thin=1 << 50)
    assert found == oracle([text], [1], thin=1 << 50)[0]
    assert found.used == len(text)
    total = detect_kernel._MOST_SUM * -int(MODEL.tables.weights.min())
    assert total + int(MODEL.tables.log_counts.max()) < 2**31


def test_the_window_grows_while_there_is_doubt_and_ends_between_characters() -> None:
    doubtful, clear = "12 34 å " * 100, ARTICLE_1["fi"] * 3
    found = kernel([doubtful.encode(), clear.encode()], [1, 41, 100])
    assert found[0].used == len(doubtful.encode())
    assert found[1].used == 41
    (cut,) = kernel(["ååååååååå".encode()], [5], thin=0)
    assert cut.used == 4


def test_a_document_gets_the_same_language_whatever_stands_beside_it() -> None:
    texts = [text.encode() for text in ARTICLE_1.values()]
    together = kernel(texts, [50, 100])
    assert [kernel([text], [50, 100])[0] for text in texts] == together
    assert kernel(texts[::-1], [50, 100])[::-1] == together


def test_nothing_known_is_no_language() -> None:
    assert kernel([b"", b"\xff\xfe"], [400, 1000]) == [Found(-1, -1, 0, 0, 0), Found(-1, -1, 0, 0, 2)]


def test_the_expected_decisions_on_any_processor() -> None:
    """Whole numbers, written down once: another processor, numpy or numba must find the same."""
    texts = [ARTICLE_1[code].encode() for code in ("nb", "nn", "da", "ja")]
    found = [
        [MODEL.labels[f.best], f.margin, f.over_kept, f.used] for f in kernel(texts, [400, 1000], keep=("nb", "nn"))
    ]
    assert found == json.loads((Path(__file__).parent / "expected_scores.json").read_text())
