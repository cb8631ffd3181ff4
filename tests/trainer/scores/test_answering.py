import random

import numpy as np
import pytest

from trainer.scores import answering
from trainer.scores.squad import exact_match, word_f1


def test_questions_with_and_without_answer_by_hand():
    gold = [["Oslo"], ["in Bergen"], [], []]
    found = answering.scores(gold, ["Oslo", "Bergen", "", "Bodø"])
    assert (found["examples"], found["unanswerable"]) == (4, 2)
    assert found["scores"] == {
        "exact_match": 0.5,
        "f1": pytest.approx((1 + 2 / 3 + 1 + 0) / 4),
        "has_answer_exact_match": 0.5,
        "has_answer_f1": pytest.approx((1 + 2 / 3) / 2),
        "no_answer_exact_match": 0.5,
        "no_answer_f1": 0.5,
    }


def test_squad_1_has_no_parts():
    assert set(answering.scores([["a b"]], ["b"])["scores"]) == {"exact_match", "f1"}


def test_no_question_has_an_answer():
    assert answering.scores([[], []], ["", "x"])["scores"]["no_answer_f1"] == 0.5


def _sample(seed, ties):
    stream = random.Random(seed)
    gold = [[] if stream.random() < 0.4 else ["oslo fjord"] for _ in range(30)]
    spans = [stream.choice(["oslo", "oslo fjord", "fjord by", ""]) for _ in gold]
    odds = [float(stream.randrange(4)) if ties else stream.gauss(0, 3) for _ in gold]
    return gold, spans, odds


def _mean_at(threshold, gold, spans, odds, score):
    kept = [span if odd <= threshold else "" for span, odd in zip(spans, odds, strict=True)]
    return np.mean([score(answers, text) for answers, text in zip(gold, kept, strict=True)])


@pytest.mark.parametrize("ties", [False, True])
def test_the_best_threshold_is_the_best_of_all(ties):
    for seed in range(30):
        gold, spans, odds = _sample(seed, ties)
        found = answering.scores(gold, spans, odds)["scores"]
        for name, score in (("exact_match", exact_match), ("f1", word_f1)):
            assert found[f"best_{name}"] == pytest.approx(
                max(_mean_at(threshold, gold, spans, odds, score) for threshold in [-np.inf, *odds])
            )
            threshold = found[f"best_{name}_threshold"]
            assert found[f"best_{name}"] == pytest.approx(_mean_at(threshold, gold, spans, odds, score))


def test_the_best_threshold_is_that_of_the_published_rule():
    """SQuAD's rule: go up the odds, add what an answer gains over none, and keep the odds of the highest sum."""
    for seed in range(30):
        gold, spans, odds = _sample(seed, ties=False)
        scores = [word_f1(answers, span) for answers, span in zip(gold, spans, strict=True)]
        current = best = sum(not answers for answers in gold)
        threshold = None
        for at in sorted(range(len(odds)), key=lambda at: odds[at]):
            current += scores[at] if gold[at] else (-1 if spans[at] else 0)
            if current > best:
                best, threshold = current, odds[at]
        found = answering.scores(gold, spans, odds)["scores"]
        assert found["best_f1"] == pytest.approx(best / len(gold), abs=1e-12)
        if threshold is not None:
            assert found["best_f1_threshold"] == threshold


def test_the_spans_of_questions_left_without_answer_count_for_the_best_threshold():
    gold, odds = [["oslo"], []], [2.0, 5.0]
    assert answering.scores(gold, ["", ""], odds)["scores"]["best_f1"] == 0.5
    found = answering.scores(gold, ["", ""], odds, ["oslo", "bergen"])["scores"]
    assert (found["f1"], found["best_f1"], found["best_f1_threshold"]) == (0.5, 1.0, 2.0)
