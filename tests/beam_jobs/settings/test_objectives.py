"""What each objective is, literally; and what a label is expected to be."""

import pytest

from beam_jobs.settings.objectives import BERT_LABELS, OBJECTIVES, Objective, Pairs, objective_of


def test_the_objectives_and_what_their_labels_say() -> None:
    assert {
        "nsp": Objective("next sentence (BERT)", ("B follows A", "B is random or swapped"), Pairs(0.5, 1, 0.0, 1)),
        "sop": Objective("sentence order (ALBERT)", ("B follows A", "B is random or swapped"), Pairs(0.0, 1, 0.5, 1)),
        "full_sentences": Objective("none with packed sentences (RoBERTa)", (), None),
        "pairs_given": Objective("none with the two texts of a record (CodeBERT)", (), Pairs(0.0), given=True),
        "pairs_matching": Objective(
            "do the two texts belong to one record",
            ("A and B of one record", "B of another record"),
            Pairs(0.5, 1, 0.0, 1),
            given=True,
        ),
    } == OBJECTIVES
    assert {name for name, one in OBJECTIVES.items() if one.draws_random} == {"nsp", "pairs_matching"}


def test_the_words_for_a_label_where_there_is_no_task() -> None:
    assert OBJECTIVES["full_sentences"].label_words == BERT_LABELS
    assert OBJECTIVES["pairs_given"].label_words == ("A and B of one record",)
    assert OBJECTIVES["sop"].label_words == BERT_LABELS


@pytest.mark.parametrize(
    ("pairs", "shares"),
    [
        (Pairs(random=0.5), (0.5, 0.5)),
        (Pairs(swapped=0.25), (0.75, 0.25)),
        (Pairs(random=0.5, swapped=0.5), (0.25, 0.75)),
        (Pairs(random=0.2, random_label=2, swapped=0.25), (0.6, 0.2, 0.2)),
    ],
)
def test_the_share_that_each_label_is_expected_to_have(pairs: Pairs, shares: tuple[float, ...]) -> None:
    labels = ("a", "b", "c")[: len(shares)]
    assert Objective("task", labels, pairs).label_shares == pytest.approx(shares)


def test_an_objective_without_a_task_expects_no_labels() -> None:
    assert OBJECTIVES["full_sentences"].label_shares == OBJECTIVES["pairs_given"].label_shares == ()


def test_the_objective_that_a_manifest_names() -> None:
    assert objective_of({"objective": "full_sentences"}) is OBJECTIVES["full_sentences"]
    assert objective_of({}).labels == objective_of({"objective": "of a later version"}).labels == BERT_LABELS
