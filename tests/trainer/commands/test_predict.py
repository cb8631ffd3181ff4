import json

import pytest

from beam_jobs.console.command_parser import CommandParser
from beam_jobs.errors import UserError
from trainer.commands import predict as command
from trainer.finetuning import predict as module
from trainer.finetuning.predict import PredictSettings
from trainer.finetuning.task_data import Predicted
from trainer.scores.predictions import Predictions

pytestmark = pytest.mark.usefixtures("paths_are_there")

ROWS = ({"id": "1", "label": "a"}, {"id": "2", "label": "b"})


@pytest.fixture
def run(monkeypatch, tmp_path):
    def asked(*arguments, gold=None, output=tmp_path / "out.jsonl"):
        found = []

        def fake(model, uri, settings):
            found.append((model, uri, settings))
            return Predicted(ROWS, Predictions("classification", ("1", "2"), ("a", "b"), gold, ("a", "b")))

        monkeypatch.setattr(module, "predict", fake)
        parser = CommandParser()
        command.add_arguments(parser)
        given = ["--model", "m", "--input", "in.jsonl", "--output", str(output), *arguments]
        assert command.run(parser.parse_args(given)) == 0
        return found[0], output

    return asked


def test_the_rows_are_written_in_order(run, capsys):
    (model, uri, settings), output = run("--batch", "8", "--null_threshold", "-2")
    assert (model, uri, settings) == ("m", "in.jsonl", PredictSettings(batch=8, null_threshold=-2.0))
    assert [json.loads(line) for line in output.read_text().splitlines()] == list(ROWS)
    assert capsys.readouterr().out == f"{output}: 2 predictions\n"


def test_labels_in_the_file_are_scored(run, capsys):
    run(gold=("a", "a"))
    assert "macro_f1 0.3333 on the labels of in.jsonl" in capsys.readouterr().out


def test_an_output_that_cannot_be_written_is_one_line(run, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match=r"cannot be written to .*; name another"):
        run(output=tmp_path / "file" / "out.jsonl")
