import numpy as np

from beam_jobs.quality import measures
from beam_jobs.quality.count_documents import count_documents


def rows(*texts: str, confidence: float | None = None) -> np.ndarray:
    return count_documents(texts, ["nb"] * len(texts), [confidence] * len(texts))


def test_counts_and_ratios() -> None:
    assert measures.count("words")(rows("a b", "")).tolist() == [2, 0]
    assert measures.ratio("hashes", "words")(rows("# a b #", "")).tolist() == [0.5, 0]


def test_marks_are_part_of_letters() -> None:
    assert measures.letter_share(rows("e\u0301 1", "हिन्दी")).tolist() == [0.5, 1]


def test_code_is_javascript_with_braces() -> None:
    assert measures.code_lines(rows("javascript\n{}", "javascript", "{}")).tolist() == [1, 0, 0]


def test_words_of_signs_have_no_length() -> None:
    assert measures.mean_word(rows("abcd – ab")).tolist() == [3]


def test_scripts_without_spaces_have_no_words_to_measure() -> None:
    wide = rows("これは本です。", "abc 12 –")
    assert measures.mean_word(wide).tolist()[0] == np.inf
    assert measures.mean_word_or_0(wide).tolist() == [1, 2.5]
    assert measures.alphabetic_share(wide).tolist() == [1, 1 / 3]


def test_unknown_stop_words_and_confidence_are_infinite() -> None:
    unknown = count_documents(["og i"], ["ko"])
    assert measures.stop_words(unknown).tolist() == measures.confidence(unknown).tolist() == [np.inf]
    assert measures.stop_words(rows("og i")).tolist() == [2]
    assert measures.confidence(rows("og i", confidence=0.25)).tolist() == [0.25]


def test_newlines_are_no_characters_of_lines() -> None:
    assert measures.repeated_line_share_without_newlines(rows("ab\nab\n")).tolist() == [0.5]


def test_a_single_row_gives_a_single_number() -> None:
    assert float(measures.letter_share(rows("ab")[0])) == 1
