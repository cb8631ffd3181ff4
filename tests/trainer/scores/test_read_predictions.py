import gzip
import json

import pytest

from beam_jobs.errors import UserError
from trainer.scores.n_best import NO_SPAN_ODDS, NBest, ScoredAnswer
from trainer.scores.prediction_rows import answer_row, label_row, labels_row, tags_row, value_row
from trainer.scores.read_predictions import read_predictions


@pytest.fixture
def file(tmp_path):
    def written(*rows, name="dev.jsonl"):
        path = tmp_path / name
        path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows))
        return str(path)

    return written


def test_labels_in_the_order_of_the_model(file):
    found = read_predictions(
        file(label_row("1", {"z": 0.9, "a": 0.1}, gold="a"), label_row("2", {"z": 0.2, "a": 0.8}, gold="a"))
    )
    assert (found.kind, found.ids, found.predicted, found.gold) == (
        "classification",
        ("1", "2"),
        ("z", "a"),
        ("a", "a"),
    )
    assert found.labels == ("z", "a")


def test_labels_without_probabilities_are_sorted(file):
    found = read_predictions(file({"id": 7, "label": "z"}, {"id": "8", "label": "a"}))
    assert (found.ids, found.labels, found.gold) == (("7", "8"), ("a", "z"), None)


def test_numbers_tags_and_several_labels(file):
    assert read_predictions(file(value_row("1", 2.5, gold=3))).gold == (3.0,)
    found = read_predictions(file(labels_row("1", {"a": 0.9, "b": 0.1}, gold=[])))
    assert (found.kind, found.predicted, found.gold, found.labels) == ("multi_label", (("a",),), ((),), ("a", "b"))
    found = read_predictions(file(tags_row("1", ["i", "Oslo"], ["O", "B-LOC"], gold=["O", "O"])))
    assert (found.kind, found.predicted, found.gold) == ("tagging", (("O", "B-LOC"),), (("O", "O"),))


def test_answers_with_their_odds(file):
    best = NBest((ScoredAnswer("Oslo", 0, 4, 2.0, 0.5),), 5.0, 0.5)
    found = read_predictions(file(answer_row("1", best, gold=["Oslo"]), answer_row("2", NBest((), 1.0, 1.0), gold=[])))
    assert (found.predicted, found.gold) == (("", ""), (("Oslo",), ()))
    assert (found.null_odds, found.best_spans) == ((3.0, NO_SPAN_ODDS), ("Oslo", ""))
    assert read_predictions(file({"id": "1", "answer": "x"})).null_odds is None


def test_the_files_of_squad(file):
    predictions = file(json.dumps({"q1": "Oslo", "q2": ""}), name="predictions.json")
    found = read_predictions(predictions)
    assert (found.kind, found.ids, found.predicted, found.null_odds) == ("answering", ("q1", "q2"), ("Oslo", ""), None)
    odds = file(json.dumps({"q2": 4, "q1": -1.5}), name="null_odds.json")
    assert read_predictions(predictions, odds).null_odds == (-1.5, 4.0)


def test_compressed_and_with_a_byte_order_mark(tmp_path):
    path = tmp_path / "dev.jsonl.gz"
    path.write_bytes(gzip.compress(b'\xef\xbb\xbf{"id": "1", "value": 1}\n\n'))
    assert read_predictions(str(path)).predicted == (1.0,)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "has no predictions"),
        (["[1]"], ":1: is no JSON object"),
        (["{}"], ":1: is no prediction"),
        ([{"id": 1, "value": 1}, "{"], ":2: is no JSON ("),
        ([{"id": 1, "text": "x"}], ":1: is no prediction: it has none of label, labels, value, tags, answer"),
        ([{"value": 1}], ':1: has no "id"'),
        ([{"id": 1, "value": 1}, {"id": "1", "value": 2}], ":2: id 1 is that of line 1 too"),
        ([{"id": 1, "value": 1}, {"id": 2, "label": "a"}], ':2: has no "value" as the first row has'),
        ([{"id": 1, "value": 1, "gold": 1}, {"id": 2, "value": 1}], ":2: some rows have a gold and some have none"),
        ([{"id": 1, "value": "1"}], ':1: the "value" must be a number, but is "1"'),
        ([{"id": 1, "value": True}], ':1: the "value" must be a number'),
        ([{"id": 1, "label": 3}], ':1: the "label" must be a string, but is 3'),
        ([{"id": 1, "tags": "O"}], ':1: the "tags" must be a list of strings'),
        ([{"id": 1, "answer": "x", "gold": "x"}], ':1: the "gold" must be a list of strings'),
        ([{"id": 1, "answer": "x", "null_score": 1, "n_best": [3]}], 'an "n_best" is not a list of spans'),
    ],
)
def test_what_is_no_prediction_is_one_line_with_its_place(file, rows, message):
    path = file(*rows)
    with pytest.raises(UserError) as caught:
        read_predictions(path)
    assert str(caught.value).startswith(path)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_odds_that_do_not_belong(file):
    rows, odds = file({"id": 1, "answer": "x"}), file('{"q1": 1.0}', name="null_odds.json")
    with pytest.raises(UserError, match=r"null odds belong to a predictions\.json"):
        read_predictions(rows, odds)
    with pytest.raises(UserError, match="has no odds of q2"):
        read_predictions(file('{"q1": "a", "q2": "b"}', name="predictions.json"), odds)
    with pytest.raises(UserError, match="is not a JSON object of numbers by id"):
        read_predictions(file('{"q1": "a"}', name="predictions.json"), file("[", name="odd.json"))


def test_a_file_that_is_not_there_or_is_none(tmp_path):
    with pytest.raises(UserError, match=r"no\.jsonl: is not there; name a file of predictions"):
        read_predictions(str(tmp_path / "no.jsonl"))
    with pytest.raises(UserError, match=r"cannot be read \(Is a directory\); name a file of predictions"):
        read_predictions(str(tmp_path))


def test_a_damaged_file(tmp_path):
    path = tmp_path / "dev.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"id": "1", "value": 1}\n' * 1000)[:-20])
    with pytest.raises(UserError, match="is damaged"):
        read_predictions(str(path))
