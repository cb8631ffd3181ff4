import json

import pytest

from trainer.scores.n_best import NO_SPAN_ODDS, NBest, ScoredAnswer
from trainer.scores.prediction_rows import (
    answer_row,
    label_row,
    labels_row,
    null_odds,
    squad_null_odds,
    squad_predictions,
    tags_row,
    value_row,
)


def test_labels_by_name():
    assert label_row("1", {"bad": 0.25, "good": 0.75}) == {
        "id": "1",
        "label": "good",
        "probabilities": {"bad": 0.25, "good": 0.75},
    }
    assert label_row("1", {"bad": 0.5, "good": 0.5}, gold="good")["label"] == "bad"
    row = labels_row("1", {"a": 0.5, "b": 0.4}, gold=("b",))
    assert (row["labels"], row["gold"]) == (["a"], ["b"])
    assert labels_row("1", {"a": 0.5, "b": 0.4}, threshold=0.3)["labels"] == ["a", "b"]
    assert "gold" not in labels_row("1", {"a": 0.5})
    assert labels_row("1", {"a": 0.5}, gold=())["gold"] == []
    assert value_row("1", 2.5, gold=0.0) == {"id": "1", "value": 2.5, "gold": 0.0}


def test_entities_have_their_place_in_the_original_text():
    text = "Ole  Å. bor i\tOslo."
    offsets = [(0, 3), (5, 7), (8, 11), (12, 13), (14, 18), (18, 19)]
    words = [text[start:end] for start, end in offsets]
    row = tags_row("1", words, ["B-PER", "I-PER", "O", "O", "I-LOC", "O"], text=text, offsets=offsets)
    assert row["entities"] == [
        {"type": "PER", "start": 0, "end": 7, "text": "Ole  Å."},
        {"type": "LOC", "start": 14, "end": 18, "text": "Oslo"},
    ]
    assert all(text[entity["start"] : entity["end"]] == entity["text"] for entity in row["entities"])


def test_without_a_text_it_is_the_words_with_spaces_between():
    row = tags_row("1", ["i", "", "New", "York"], ["O", "O", "B-LOC", "I-LOC"], gold=["O"] * 4)
    assert row["entities"] == [{"type": "LOC", "start": 3, "end": 11, "text": "New York"}]
    assert row["gold"] == ["O"] * 4


def test_parts_of_speech_are_no_entities():
    assert tags_row("1", ["a", "b"], ["NOUN", "VERB"])["entities"] == []


BEST = NBest((ScoredAnswer("Oslo", 3, 7, 2.0, 0.6), ScoredAnswer("i Oslo", 1, 7, 1.0, 0.2)), 4.0, 0.2)


def test_an_answer_and_no_answer():
    row = answer_row("q", BEST, gold=["Oslo"], null_threshold=None)
    assert (row["answer"], row["start"], row["end"], row["score"], row["null_score"]) == ("Oslo", 3, 7, 2.0, 4.0)
    assert [span["text"] for span in row["n_best"]] == ["Oslo", "i Oslo"]
    assert row["gold"] == ["Oslo"]
    row = answer_row("q", BEST, gold=[])
    assert (row["answer"], row["start"], row["end"], row["score"]) == ("", None, None, 4.0)
    assert row["gold"] == []
    json.dumps(row)


def test_the_files_of_squad():
    rows = [answer_row("1", BEST), answer_row("2", NBest((), 1.0, 1.0)), answer_row("3", BEST, null_threshold=2.0)]
    assert squad_predictions(rows) == {"1": "", "2": "", "3": "Oslo"}
    assert squad_null_odds(rows) == {"1": 2.0, "2": NO_SPAN_ODDS, "3": 2.0}
    assert null_odds(rows[0]) == pytest.approx(BEST.null_odds)
