import json

import pytest

from trainer.__main__ import main
from trainer.finetuning.task_data import Predicted


@pytest.fixture
def file(tmp_path):
    def written(name, *rows):
        path = tmp_path / name
        path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows))
        return str(path)

    return written


ROWS = [
    {"id": 1, "label": "good", "probabilities": {"good": 0.9, "bad": 0.1}},
    {"id": 2, "label": "bad", "probabilities": {"good": 0.4, "bad": 0.6}},
    {"id": 3, "label": "bad", "probabilities": {"good": 0.4, "bad": 0.6}},
]
GOLD = [{"id": i, "text": "x", "label": label} for i, label in ((3, "bad"), (2, "good"), (1, "good"))]


def test_a_table_of_every_score(file, capsys):
    assert main(["score", "--predictions", file("p.jsonl", *ROWS), "--gold", file("g.jsonl", *GOLD)]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("classification of 3 examples\naccuracy            0.6667\n")
    assert "macro_f1            0.6667  by default, models are compared by this" in shown
    assert "gold \\ predicted  good  bad\ngood" in shown


def test_the_gold_that_the_predictions_carry(file, capsys):
    rows = [{**row, "gold": gold} for row, gold in zip(ROWS, ("good", "good", "bad"), strict=True)]
    assert main(["score", "--predictions", file("p.jsonl", *rows), "--metric", "accuracy", "f1:bad"]) == 0
    assert capsys.readouterr().out == "classification of 3 examples\naccuracy  0.6667\nf1:bad    0.6667\n"


def test_as_json(file, capsys):
    command = ["score", "--predictions", file("p.jsonl", *ROWS), "--gold", file("g.jsonl", *GOLD), "--json"]
    assert main(command) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["metric"] == "macro_f1"
    assert found["confusion_matrix"] == {"labels": ["good", "bad"], "rows": [[1, 1], [0, 1]]}
    assert main([*command, "--metric", "accuracy"]) == 0
    assert json.loads(capsys.readouterr().out) == {"accuracy": pytest.approx(2 / 3)}


def test_the_files_of_squad(file, capsys):
    gold = {
        "data": [{"paragraphs": [{"context": "Ole bor i Oslo.", "qas": [
            {"id": "1", "question": "Hvor?", "answers": [{"text": "Oslo", "answer_start": 10}]},
            {"id": "2", "question": "Når?", "answers": []},
        ]}]}]
    }  # fmt: skip
    predictions = file("predictions.json", json.dumps({"1": "i Oslo", "2": "Ole"}))
    odds = file("null_odds.json", json.dumps({"1": -1.0, "2": 3.0}))
    assert (
        main(["score", "--predictions", predictions, "--null_odds", odds, "--gold", file("g.json", gold), "--json"])
        == 0
    )
    found = json.loads(capsys.readouterr().out)["scores"]
    assert (found["exact_match"], found["f1"]) == (0, pytest.approx(1 / 3))
    assert (found["best_f1"], found["best_f1_threshold"]) == (pytest.approx((2 / 3 + 1) / 2), -1.0)


@pytest.mark.parametrize(
    ("rows", "gold", "arguments", "message"),
    [
        (ROWS, None, [], "p.jsonl carries no gold; name the labelled file by --gold"),
        (ROWS, GOLD[:2], [], "g.jsonl has no example for 1 of the 3 predictions"),
        (ROWS[:2], GOLD, [], "p.jsonl has no prediction for 1 of the 3 examples"),
        (
            ROWS,
            [*GOLD[:2], {"id": 1, "text": "x", "label": "ugly"}],
            [],
            "p.jsonl knows no label 'ugly', which the gold has",
        ),
        (
            ROWS,
            GOLD,
            ["--metric", "macrof1"],
            "--metric macrof1 is no score of classification here: did you mean macro_f1?",
        ),
        (ROWS, GOLD, ["--label_column", "mark"], "mark"),
        (ROWS, GOLD, ["--pair_column", "b"], "--pair_column is b, but --text_column is not given"),
        (["{"], GOLD, [], "p.jsonl:1: is no JSON"),
        (
            [{"id": 1, "tags": ["O"], "words": ["x"], "entities": [], "gold": ["O", "O"]}],
            None,
            [],
            "p.jsonl has 1 tags for example 1, but its gold has 2",
        ),
    ],
)
def test_a_mistake_is_one_line(file, capsys, rows, gold, arguments, message):
    command = ["score", "--predictions", file("p.jsonl", *rows)]
    command += ["--gold", file("g.jsonl", *gold)] if gold else []
    assert main([*command, *arguments]) == 2
    error = capsys.readouterr().err
    assert error.startswith("trainer score: error: ")
    assert message in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--model", "m"], "--model needs the labelled file that it predicts: name it by --input"),
        (["--model", "m", "--input", "f", "--null_odds", "o"], "--null_odds belongs to --predictions"),
        (["--predictions", "p", "--input", "f"], "--input belongs to --model, which predicts"),
        (["--predictions", "p", "--batch", "8"], "--batch belongs to --model, which predicts"),
        (["--predictions", "p", "--null_threshold", "0"], "--null_threshold belongs to --model, which predicts"),
        (["--predictions", "p", "--model", "m"], "not allowed with argument"),
        ([], "one of the arguments --model --predictions is required"),
    ],
)
def test_a_model_or_its_predictions_are_scored(arguments, message, capsys):
    try:
        status = main(["score", *arguments])
    except SystemExit as end:
        status = end.code
    assert status == 2
    assert message in capsys.readouterr().err


def test_what_a_model_predicts_now_is_scored(monkeypatch, capsys):
    from trainer.finetuning import predict as module

    rows = [{**row, "gold": gold} for row, gold in zip(ROWS, ("good", "good", "bad"), strict=True)]
    asked = []

    def predict(model, uri, settings):
        asked.append((model, uri, settings))
        return Predicted(tuple(rows), None)

    monkeypatch.setattr(module, "predict", predict)
    command = ["score", "--model", "m", "--input", "f.jsonl", "--batch", "8", "--metric", "accuracy"]
    assert main(command) == 0
    assert asked == [("m", "f.jsonl", module.PredictSettings(batch=8))]
    assert capsys.readouterr().out == "classification of 3 examples\naccuracy  0.6667\n"
    rows[:] = ROWS
    assert main(command) == 2
    assert "f.jsonl has no labels; name the labelled file by --input" in capsys.readouterr().err
