import random
import warnings

import pytest
from seqeval.metrics import f1_score, precision_score, recall_score
from seqeval.scheme import BILOU, IOB2, IOBES

from trainer.scores import tagging


def _sample(prefixes, seed):
    stream = random.Random(seed)
    tags = ["O", "O", *(f"{prefix}-{type}" for prefix in prefixes for type in ("PER", "LOC", "ORG"))]
    gold = [[stream.choice(tags) for _ in range(stream.randrange(1, 12))] for _ in range(40)]
    return gold, [[tag if stream.random() < 0.6 else stream.choice(tags) for tag in line] for line in gold]


@pytest.mark.parametrize("scheme", [IOB2, IOBES, BILOU])
def test_the_scores_are_those_of_seqeval(scheme):
    gold, predicted = _sample({IOB2: "BI", IOBES: "BIES", BILOU: "BILU"}[scheme], scheme.__name__)
    gold.append(["B-PER"])
    predicted.append(["B-PER"])
    found = tagging.scores(gold, predicted)
    assert found["scheme"] == scheme.__name__
    for average in ("macro", "micro", "weighted"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for name, score in (("precision", precision_score), ("recall", recall_score), ("f1", f1_score)):
                strict = score(gold, predicted, average=average, mode="strict", scheme=scheme)
                assert found["scores"][f"strict_{average}_{name}"] == pytest.approx(strict, abs=1e-12)
                if scheme is not BILOU:  # conlleval does not know it
                    loose = score(gold, predicted, average=average)
                    assert found["scores"][f"{average}_{name}"] == pytest.approx(loose, abs=1e-12)


def test_by_hand():
    gold = [["B-PER", "I-PER", "O", "B-LOC"], ["O", "B-PER"]]
    predicted = [["I-PER", "I-PER", "O", "B-ORG"], ["O", "O"]]
    found = tagging.scores(gold, predicted)
    assert (found["examples"], found["words"], found["scheme"]) == (2, 6, "IOB2")
    assert found["scores"]["accuracy"] == 3 / 6
    assert found["scores"]["micro_precision"] == 1 / 2
    assert found["scores"]["micro_recall"] == 1 / 3
    assert found["scores"]["micro_f1"] == pytest.approx(0.4)
    assert found["scores"]["strict_micro_f1"] == 0  # PER is tagged I- I-
    assert found["per_class"]["PER"] == {"precision": 1.0, "recall": 0.5, "f1": 2 / 3, "gold": 2, "predicted": 1}


def test_what_seqeval_calls_right_or_wrong_by_its_modes():
    """The four cases of the issue: a stray I-, an I- of another type inside an entity, one elsewhere, and nothing."""
    gold = [["B-PER", "I-PER", "O", "B-LOC"]]
    for predicted in (
        ["I-PER", "I-PER", "O", "B-LOC"],
        ["B-PER", "I-ORG", "O", "B-LOC"],
        ["B-PER", "I-PER", "I-ORG", "B-LOC"],
    ):
        found = tagging.scores(gold, [predicted])["scores"]
        assert found["micro_f1"] == pytest.approx(f1_score(gold, [predicted]))
        assert found["strict_micro_f1"] == pytest.approx(f1_score(gold, [predicted], mode="strict", scheme=IOB2))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert tagging.scores([["O"]], [["O"]])["scores"]["micro_f1"] == 0


def test_parts_of_speech_have_their_accuracy_alone():
    found = tagging.scores([["NOUN", "VERB"], ["O"]], [["NOUN", "NOUN"], ["O"]])
    assert found["scores"] == {"accuracy": pytest.approx(2 / 3)}
    assert found["scheme"] == ""
    assert "per_class" not in found


def test_another_number_of_words_is_refused():
    with pytest.raises(ValueError, match="zip"):
        tagging.scores([["O", "O"]], [["O"]])
