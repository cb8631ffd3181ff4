import re
import string
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.scores.squad import exact_match, normalized, word_f1


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("The Eiffel Tower!", "eiffel tower"),
        ("  an  Apple\ta\nday ", "apple day"),
        ("theatre and another", "theatre and another"),
        ("U.S.A.", "usa"),
        ("«Ærlig»\u00a0talt", "«ærlig» talt"),  # the script knows ASCII punctuation alone
        ("The", ""),
        ("a-b", "ab"),
        ("", ""),
    ],
)
def test_normalized(answer, text):
    assert normalized(answer) == text


@pytest.mark.parametrize(
    ("gold", "predicted", "exact", "f1"),
    [
        (["Oslo"], "oslo.", 1, 1),
        (["in the city of Oslo"], "Oslo", 0, 2 / 5),
        (["Bergen", "the Oslo fjord"], "Oslo fjord", 1, 1),
        (["b b c"], "b c c", 0, 2 / 3),
        (["Oslo"], "", 0, 0),
        ([], "", 1, 1),
        ([], "Oslo", 0, 0),
        ([], "the", 1, 1),
        (["the", "Oslo"], "Oslo", 1, 1),
        (["a"], "", 1, 1),  # an answer that normalises to nothing is none
        (["x"], "y", 0, 0),
    ],
)
def test_by_hand(gold, predicted, exact, f1):
    assert exact_match(gold, predicted) == exact
    assert word_f1(gold, predicted) == pytest.approx(f1)


def _plain_normalized(text):
    """The published rules, a step at a time."""
    lower = "".join(character for character in text.lower() if character not in set(string.punctuation))
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", lower, flags=re.UNICODE).split())


def _plain_scores(gold, predicted):
    gold = [answer for answer in gold if _plain_normalized(answer)] or [""]
    exact, f1 = 0.0, 0.0
    for answer in gold:
        exact = max(exact, float(_plain_normalized(answer) == _plain_normalized(predicted)))
        a, b = _plain_normalized(answer).split(), _plain_normalized(predicted).split()
        if not a or not b:
            f1 = max(f1, float(a == b))
            continue
        same = sum(min(count, Counter(b)[word]) for word, count in Counter(a).items())
        if same:
            precision, recall = same / len(b), same / len(a)
            f1 = max(f1, 2 * precision * recall / (precision + recall))
    return exact, f1


WORDS = st.lists(st.sampled_from(["the", "A", "an", "Oslo", "oslo,", "ø", "-", "x.y", "\u00a0", "b"]), max_size=5)


@given(st.lists(WORDS.map(" ".join), max_size=3), WORDS.map(" ".join))
def test_the_same_as_a_plain_reading_of_the_rules(gold, predicted):
    exact, f1 = _plain_scores(gold, predicted)
    assert exact_match(gold, predicted) == exact
    assert word_f1(gold, predicted) == pytest.approx(f1, abs=1e-12)
