import json
import shutil
from pathlib import Path

import pytest
from tiny_tasks import PIECES, write_lines

from beam_jobs.errors import UserError
from trainer.__main__ import main
from trainer.finetuning.predict import PredictSettings, predict
from trainer.scores.scores_of import scores_of

pytestmark = pytest.mark.usefixtures("quick_compilation")


@pytest.mark.parametrize("task", ["classify", "tag", "answer"])
def test_predictions_are_those_of_the_run(task, tuned, files):
    output, scores = tuned(task)
    found = predict(str(output), files[f"{task}_test"], PredictSettings(batch=7))
    wanted = [json.loads(line) for line in (output / "predictions" / "test.jsonl").read_text().splitlines()]
    key = {"classify": "label", "tag": "tags", "answer": "answer"}[task]
    assert [row[key] for row in found.rows] == [row[key] for row in wanted]
    assert scores_of(found.predictions)["scores"] == pytest.approx(scores["test"]["scores"], abs=1e-4)


@pytest.mark.parametrize("task", ["classify", "tag", "answer"])
def test_a_model_is_scored_as_its_predictions_are(task, tuned, files, tmp_path, capsys):
    model, gold, output = str(tuned(task)[0]), files[f"{task}_test"], str(tmp_path / "predictions.jsonl")
    assert main(["predict", "--model", model, "--input", gold, "--output", output]) == 0
    capsys.readouterr()
    assert main(["score", "--predictions", output, "--json"]) == 0
    of_the_file = capsys.readouterr().out
    assert main(["score", "--model", model, "--input", gold, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == json.loads(of_the_file)


def test_labels_are_not_needed(tuned, tmp_path):
    file = write_lines(tmp_path / "new.jsonl", [{"text": "en god film"}, {"text": "dårlig bok"}])
    found = predict(str(tuned("classify")[0]), file, PredictSettings())
    assert [row["label"] for row in found.rows] == ["positiv", "negativ"]
    assert found.predictions.gold is None


def test_a_threshold_decides_about_no_answer(tuned, files):
    folder = str(tuned("answer")[0])
    never = predict(folder, files["answer_dev"], PredictSettings(null_threshold=1e5))
    always = predict(folder, files["answer_dev"], PredictSettings(null_threshold=-1e5))
    assert all(row["answer"] for row in never.rows)
    assert not any(row["answer"] for row in always.rows)


@pytest.fixture
def model(tuned, tmp_path):
    return Path(shutil.copytree(tuned("classify")[0] / "hugging_face", tmp_path / "model"))


def test_a_folder_of_another_tool_has_no_labels_json(model, tmp_path):
    file = write_lines(tmp_path / "new.jsonl", [{"text": "en god film"}])
    for name in ("labels.json", "beambert_export.json"):
        (model / name).unlink()
    assert predict(str(model), file, PredictSettings()).rows[0]["label"] == "positiv"


def test_a_model_without_the_head_of_a_task_is_refused(base, files):
    with pytest.raises(UserError, match="has no head of a task"):
        predict(base, files["classify_dev"], PredictSettings())


def test_another_vocabulary_is_refused(model, files):
    text = "".join(f"{piece}\n" for piece in [*PIECES[:-1], "godt"])
    (model / "vocab.txt").write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=r"vocab\.txt is not the one that the model was exported with"):
        predict(str(model), files["classify_dev"], PredictSettings())


def test_other_labels_than_those_of_the_head_are_refused(model, files):
    path = model / "labels.json"
    path.write_text(path.read_text().replace("positiv", "bra"))
    with pytest.raises(UserError, match=r"labels\.json: names other labels than config\.json"):
        predict(str(model), files["classify_dev"], PredictSettings())


@pytest.mark.parametrize(
    ("row", "message"),
    [({"tekst": "en bok"}, "text"), ({"text": 5}, r"new\.jsonl:1")],
)
def test_a_mistake_in_the_file_is_one_line(row, message, tuned, tmp_path):
    file = write_lines(tmp_path / "new.jsonl", [row])
    with pytest.raises(UserError, match=message):
        predict(str(tuned("classify")[0]), file, PredictSettings())


def test_the_batch_must_be_a_number_of_examples(tuned, files):
    with pytest.raises(UserError, match="--batch is 0: must be at least 1"):
        predict(str(tuned("classify")[0]), files["classify_dev"], PredictSettings(batch=0))
