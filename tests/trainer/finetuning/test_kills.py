"""A run that is killed twenty times, in training, while it saves, and while it writes its results, ends as one that is not."""

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from safetensors.numpy import load_file

pytestmark = pytest.mark.usefixtures("quick_compilation")

CHILD = str(Path(__file__).with_name("child_of_test_kills.py"))
KILLS = [
    *(
        ("batch", 1),
        ("batch", 4),
        ("batch", 6),
        ("checkpoint", 1),
    ),  # the first epoch has six batches and ends with a save
    *(("batch", 2), ("batch", 5), ("batch", 3), ("checkpoint", 1)),
    *(("batch", 6), ("batch", 1), ("batch", 4), ("checkpoint", 1)),
    *(("batch", 3), ("batch", 5)),
    *(("predictions", 1), ("predictions", 2), ("export", 1), ("export", 1), ("scores", 1), ("scores", 1)),
]


def evaluations(output):
    """Step and score of every evaluation."""
    rows = [json.loads(line) for line in (output / "metrics.jsonl").read_text().splitlines()]
    return [(row["step"], row["macro_f1"]) for row in rows if row["kind"] == "evaluation"]


def test_a_run_that_is_killed_twenty_times_ends_as_one_that_is_not(
    tuned, settings_of, files, tmp_path, quick_compilation
):
    assert len(KILLS) == 20
    output, (reference, scores) = tmp_path / "run", tuned("classify")
    settings = settings_of("classify", output, test=files["classify_test"])
    (tmp_path / "settings").write_bytes(pickle.dumps((settings, KILLS)))
    done = subprocess.run(
        [sys.executable, CHILD, str(tmp_path / "settings")],
        env={**os.environ, **quick_compilation, "JAX_PLATFORMS": "cpu"},
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "20"
    assert json.loads((output / "scores.json").read_text()) == scores, "the best step too"
    for part in ("dev", "test"):
        name = f"predictions/{part}.jsonl"
        assert (output / name).read_bytes() == (reference / name).read_bytes()
    assert evaluations(output) == evaluations(reference)
    weights, wanted = (load_file(folder / "hugging_face" / "model.safetensors") for folder in (output, reference))
    assert {name: value.tobytes() for name, value in weights.items()} == {
        name: value.tobytes() for name, value in wanted.items()
    }
