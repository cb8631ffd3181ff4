import json
import random
import subprocess
import sys

import pytest

from trainer.__main__ import main

LABELS = ("bad", "good")


@pytest.fixture
def side(tmp_path):
    """Folders as `trainer finetune` writes them: seeds whose predictions are right with a probability."""

    def made(name, skill, seeds=3, key="label", count=80, first_id=0):
        for seed in range(seeds):
            stream = random.Random(f"{name} {seed}")
            folder = tmp_path / name / f"seed-{seed}"
            (folder / "predictions").mkdir(parents=True)
            rows = []
            for number in range(first_id, first_id + count):
                gold = LABELS[number % 3 == 0]
                label = gold if stream.random() < skill else LABELS[gold == "bad"]
                found = {"label": label} if key == "label" else {"value": float(label == "good")}
                rows.append({"id": number, **found, "gold": gold if key == "label" else float(gold == "good")})
            (folder / "predictions" / "dev.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
            (folder / "scores.json").write_text(json.dumps({"metric": "macro_f1"}))
        return str(tmp_path / name)

    return made


def test_the_table_of_two_sides(side, capsys):
    assert main(["compare", "--base", side("a", 0.5), "--experiment", side("b", 0.9, seeds=4)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == ["classification of 80 examples", "base        3 seeds", "experiment  4 seeds"]
    assert [line.split()[0] for line in lines[4:7]] == ["metric", "macro_f1", "accuracy"]
    assert lines[5].endswith("< 0.001")
    assert lines[-1].startswith("1,000 draws of unpaired seeds and examples")


def test_as_json_and_the_same_each_time(side, capsys):
    command = [
        "compare",
        "--base",
        side("a", 0.6),
        "--experiment",
        side("b", 0.7),
        "--paired",
        "--draws",
        "200",
        "--json",
    ]
    command += ["--metric", "accuracy", "f1:good"]
    shown = []
    for _ in range(2):
        assert main(command) == 0
        shown.append(json.loads(capsys.readouterr().out))
    assert shown[0] == shown[1]
    assert [row["metric"] for row in shown[0]["metrics"]] == ["accuracy", "f1:good"]
    row = shown[0]["metrics"][0]
    assert row["difference"]["interval"]["low"] < row["difference"]["value"] < row["difference"]["interval"]["high"]
    assert (shown[0]["base_seeds"], shown[0]["settings"]["paired"], shown[0]["settings"]["draws"]) == (3, True, 200)


def test_several_folders_are_a_seed_each(side, capsys):
    bases = [side(f"a{i}", 0.6, seeds=2) for i in range(3)]
    assert main(["compare", "--base", *bases, "--experiment", side("b", 0.7), "--draws", "100"]) == 0
    assert "base        3 seeds, 6 runs\nexperiment  3 seeds\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("base", "experiment", "arguments", "message"),
    [
        ({}, {"key": "value"}, [], "a/seed-0 is classification, but "),
        ({}, {"count": 79}, [], "b/seed-0 has no prediction for 1 of the 8"),
        ({}, {"count": 81}, [], "a/seed-0 has no prediction for 1 of the 8"),
        ({}, {"first_id": 3}, [], "has no prediction for 3 of the 80 examples of "),
        ({}, {"seeds": 4}, ["--paired"], "there are 3 only in --experiment"),
        ({}, {}, ["--split", "test"], "a/seed-0 has no predictions/test.jsonl, so it is no finished run"),
        ({}, {}, ["--metric", "bleu"], "--metric bleu is no metric of classification here: there are accuracy"),
        ({}, {}, ["--draws", "5"], "--draws 5 must be at least 100"),
        ({}, {}, ["--confidence", "95"], "--confidence 95.0 must be between 0 and 1"),
    ],
)
def test_a_mistake_is_one_line(side, capsys, base, experiment, arguments, message):
    sides = ["--base", side("a", 0.5, **base), "--experiment", side("b", 0.5, **experiment)]
    assert main(["compare", *sides, *arguments]) == 2
    error = capsys.readouterr().err
    assert error.startswith("trainer compare: error: ")
    assert message in error
    assert error.count("\n") == 1


def test_a_run_without_scores(side, tmp_path, capsys):
    base = side("a", 0.5)
    (tmp_path / "a/seed-1/scores.json").unlink()
    assert main(["compare", "--base", base, "--experiment", side("b", 0.5)]) == 2
    assert "a/seed-1 has no scores.json, so it is no finished run of `trainer finetune`" in capsys.readouterr().err


def test_neither_command_loads_a_tensor_library(side):
    code = "import sys; from trainer.__main__ import main; assert main(sys.argv[1:]) == 0; "
    code += "assert not {'keras', 'jax', 'tensorflow', 'apache_beam'} & set(sys.modules)"
    folder = side("a", 0.5, seeds=1)
    for command in (
        ["compare", "--base", folder, "--experiment", folder, "--draws", "100"],
        ["score", "--predictions", f"{folder}/seed-0/predictions/dev.jsonl"],
    ):
        subprocess.run([sys.executable, "-c", code, *command], check=True, capture_output=True)
