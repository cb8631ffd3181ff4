import json

import pytest

from beam_jobs.errors import UserError
from trainer.commands.gold_labels import gold_labels, with_gold_of
from trainer.examples.files.column_settings import ColumnSettings
from trainer.scores.predictions import Predictions


@pytest.fixture
def file(tmp_path):
    def written(name, text):
        path = tmp_path / name
        path.write_text(text)
        return str(path)

    return written


def _lines(*rows):
    return "".join(json.dumps(row) + "\n" for row in rows)


SQUAD = {
    "data": [
        {
            "title": "t",
            "paragraphs": [
                {
                    "context": "Ole bor i Oslo.",
                    "qas": [
                        {"id": 7, "question": "Hvor?", "answers": [{"text": "Oslo", "answer_start": 10}]},
                        {"id": "8", "question": "Når?", "answers": [], "is_impossible": True},
                    ],
                }
            ],
        }
    ]
}


@pytest.mark.parametrize(
    ("kind", "name", "text", "gold"),
    [
        ("classification", "g.jsonl", _lines({"id": 1, "text": "x", "label": "a"}), {"1": "a"}),
        ("classification", "g.tsv", "sentence1\tsentence2\tlabel\nx\ty\ta\n", {"1": "a"}),
        ("classification", "g.tsv", "question\tsentence\tlabel\nx\ty\ta\nz\tw\tb\n", {"1": "a", "2": "b"}),
        ("multi_label", "g.jsonl", _lines({"id": 1, "text": "x", "labels": ["b", "a"]}), {"1": ("b", "a")}),
        ("regression", "g.csv", "id,text,score\n9,x,2.5\n", {"9": 2.5}),
        ("tagging", "g.conll", "Ole\tB-PER\nbor\tO\n\nja\tO\n", {"1": ("B-PER", "O"), "2": ("O",)}),
        ("answering", "g.json", json.dumps(SQUAD), {"7": ("Oslo",), "8": ()}),
    ],
)
def test_the_gold_of_every_kind_by_id(file, kind, name, text, gold):
    assert gold_labels(kind, file(name, text), ColumnSettings()) == gold


def test_columns_of_other_names(file):
    path = file("g.tsv", "key\ta\tb\tmark\n1\tx\ty\tgood\n")
    columns = ColumnSettings(id_column="key", text_column="a", pair_column="b", label_column="mark")
    assert gold_labels("classification", path, columns) == {"1": "good"}


def test_one_text_of_a_pair_by_its_name(file):
    path = file("g.tsv", "sentence1\tsentence2\tlabel\nx\ty\ta\n")
    assert gold_labels("classification", path, ColumnSettings(text_column="sentence2")) == {"1": "a"}


PREDICTIONS = Predictions("classification", ("1", "2"), ("a", "b"), labels=("a", "b"))


def test_matched_by_id_whatever_the_order(file):
    path = file("g.jsonl", _lines({"id": 2, "text": "x", "label": "b"}, {"id": 1, "text": "y", "label": "a"}))
    assert with_gold_of(PREDICTIONS, "p", path, ColumnSettings()).gold == ("a", "b")


def test_ids_that_do_not_match_are_named(file):
    rows = [{"id": i, "text": "x", "label": "a"} for i in range(1, 8)]
    path = file("g.jsonl", _lines(*rows))
    with pytest.raises(UserError) as caught:
        with_gold_of(PREDICTIONS, "p.jsonl", path, ColumnSettings())
    assert str(caught.value).startswith(
        f"p.jsonl has no prediction for 5 of the 7 examples of {path} (ids 3, 4, 5, ...); predict this file"
    )
    path = file("g.jsonl", _lines(rows[0]))
    with pytest.raises(UserError) as caught:
        with_gold_of(PREDICTIONS, "p.jsonl", path, ColumnSettings())
    assert str(caught.value).startswith(
        f"{path} has no example for 1 of the 2 predictions of p.jsonl (ids 2); name the file"
    )
