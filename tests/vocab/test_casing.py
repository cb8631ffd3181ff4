import pytest

from vocab.casing import casing_problem

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[unused1]"]
UNCASED = [*SPECIAL, *(f"{mark}word{i}" for i in range(150) for mark in ("", "##"))]
CASED = [*UNCASED, *(f"Word{i}" for i in range(100))]
ARABIC = [*SPECIAL, *(f"ك{i}" for i in range(500)), *"abc"]


@pytest.mark.parametrize(("pieces", "lower_case"), [(UNCASED, True), (CASED, False), (ARABIC, True), (ARABIC, False)])
def test_a_vocabulary_of_the_right_casing(pieces, lower_case):
    assert casing_problem(pieces, lower_case) == ""


def test_an_uncased_vocabulary_under_a_cased_class():
    problem = casing_problem(UNCASED, False)
    assert problem.startswith("0 of its 300 pieces with letters (0.0%) have a capital")
    assert "name a class whose lower_case is true" in problem
    assert "2 of its 302 pieces" in casing_problem([*UNCASED, "A", "##A"], False)


def test_a_cased_vocabulary_under_an_uncased_class():
    problem = casing_problem(CASED, True)
    assert problem.startswith("100 of its 400 pieces (25.0%) have capitals or accents")
    assert "name a class whose lower_case is false" in problem
    assert casing_problem([*UNCASED, *(f"blå{i}" for i in range(100))], True).startswith("100 of its 400 pieces")
    assert casing_problem([], True) == ""
