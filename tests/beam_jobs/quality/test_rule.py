from dataclasses import replace

import numpy as np
import pytest

from beam_jobs.quality import measures
from beam_jobs.quality.count_documents import count_documents
from beam_jobs.quality.rule import Rule, dropping_rules, would_drop

FEW = Rule("few", "a test", "with fewer than {} words", measures.count("words"), 2, below=True)
MANY = Rule("many", "a test", "with more than {} words", measures.count("words"), 2)
ROWS = count_documents(["a", "a b", "a b c"], [""] * 3)


def test_a_document_at_the_threshold_is_kept() -> None:
    assert would_drop(ROWS, [FEW, MANY]).tolist() == [[True, False], [False, False], [False, True]]


def test_the_rules_that_drop_a_document() -> None:
    assert [dropping_rules(row, [MANY, FEW]) for row in ROWS] == [[FEW], [], [MANY]]


def test_no_rules_and_no_documents() -> None:
    assert would_drop(ROWS, []).shape == (3, 0)
    assert would_drop(ROWS[:0], [FEW]).shape == (0, 1)


def test_one_line_tells_what_is_dropped() -> None:
    assert FEW.describe() == "drops a document with fewer than 2 words; a test"


@pytest.mark.parametrize("threshold", [-1.0, np.nan, np.inf])
def test_a_threshold_is_a_number_from_0_up(threshold: float) -> None:
    with pytest.raises(ValueError, match="from 0 up"):
        replace(FEW, threshold=threshold).validate()


@pytest.mark.parametrize("threshold", [-0.1, 1.01, np.nan])
def test_a_threshold_of_a_share_is_at_most_1(threshold: float) -> None:
    with pytest.raises(ValueError, match="from 0 to 1"):
        replace(FEW, threshold=threshold, share=True).validate()
    replace(FEW, threshold=1, share=True).validate()
