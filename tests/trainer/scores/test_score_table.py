from trainer.scores.predictions import Predictions
from trainer.scores.score_table import score_lines
from trainer.scores.scores_of import scores_of


def _scores(**changes):
    return scores_of(
        Predictions("classification", ("1", "2"), ("a", "bad"), ("a", "a"), ("a", "bad", "never"), **changes)
    )


def test_every_score_and_which_one_decides():
    lines = score_lines(_scores())
    assert lines[0].split() == ["accuracy", "0.5000"]
    macro = next(line for line in lines if line.startswith("macro_f1"))
    assert macro.split(maxsplit=2) == ["macro_f1", "0.3333", "by default, models are compared by this"]
    assert sum("by default" in line for line in lines) == 1


def test_classes_and_the_confusion_matrix_stand_in_columns():
    lines = score_lines(_scores())
    at = next(i for i, line in enumerate(lines) if line.startswith("class "))
    assert [line.split() for line in lines[at : at + 4]] == [
        ["class", "precision", "recall", "f1", "gold", "predicted"],
        ["a", "1.0000", "0.5000", "0.6667", "2", "1"],
        ["bad", "0.0000", "0.0000", "0.0000", "0", "1"],
        ["never", "-", "-", "-", "0", "0"],
    ]
    assert len({len(line) for line in lines[at : at + 4]}) == 1
    assert lines[-4].split() == ["gold", "\\", "predicted", "a", "bad", "never"]
    assert lines[-3].split() == ["a", "1", "1", "0"]


def test_a_confusion_matrix_that_fits_no_terminal_is_left_to_json():
    labels = tuple(f"l{i}" for i in range(13))
    lines = score_lines(scores_of(Predictions("classification", ("1",), ("l0",), ("l0",), labels)))
    assert lines[-1] == "the confusion matrix of 13 labels is in --json"


def test_chosen_scores_alone():
    assert score_lines(_scores(), ["accuracy"]) == ["accuracy  0.5000"]


def test_numbers_have_neither_classes_nor_a_matrix():
    lines = score_lines(scores_of(Predictions("regression", ("1", "2"), (1.0, 2.0), (1.0, 3.0))))
    assert [line.split()[0] for line in lines] == ["pearson", "spearman", "mse", "mae"]
