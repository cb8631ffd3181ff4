import subprocess
import sys
from pathlib import Path

import pytest

from beam_jobs.errors import UserError
from trainer.commands.named_paths import require_file, require_folder, require_model, require_run
from trainer.run.run_identity import PLAN_NAME

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "exported").mkdir()
    (tmp_path / "exported" / "config.json").write_text("{}")
    (tmp_path / "empty").mkdir()
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / PLAN_NAME).write_text("{}")
    (tmp_path / "bert_model.ckpt.index").write_bytes(b"")
    (tmp_path / "train.jsonl").write_text("{}\n")


def test_what_is_there_is_fine():
    require_file("--train", "train.jsonl", "", "gs://bucket/no/such.jsonl")
    require_folder("--data", ["exported", "s3://bucket/none"], "")
    require_run("--run", "run")
    require_run("--run", "gs://bucket/none")
    for model in ("exported", "bert_model.ckpt", "gs://bucket/none", "x" * 300):  # that name is told by its reader
        require_model("--model", model)


@pytest.mark.parametrize(
    ("check", "message"),
    [
        (lambda: require_file("--dev", "train.json"), r"--dev train\.json: no such file; did you mean train\.jsonl\?$"),
        (lambda: require_file("--dev", "no/such"), "--dev no/such: no such file$"),
        (
            lambda: require_folder("--data", ["exported", "export"], "name X"),
            r"--data export: no such folder; name X; did you mean exported\?$",
        ),
        (
            lambda: require_model("--model", "bert.ckpt"),
            "--model bert.ckpt: no such checkpoint; name the --output of a run",
        ),
        (lambda: require_model("--model", "a\0b"), "zero byte"),
    ],
)
def test_what_is_not_there_is_told_with_its_option(check, message):
    with pytest.raises(UserError, match=message):
        check()


def test_a_typing_error_imports_neither_keras_nor_jax(tmp_path):
    mistakes = [
        "pretrain --plan demo --data nosuch --output o",
        "pretrain --plan dmo --data exported --output o",
        "distill --teacher nosuch --data exported --plan distilbert --output o",
        "export --run nosuch --output o",
        "export --checkpoint nosuch --output o",
        "export --run empty --output o",
        "export --run exported --output o",
        "pretrain --plan demo --data empty --output o",
        "pretrain --plan demo --data train.jsonl --output o",
        "finetune --task tag --model nosuch --train train.jsonl --dev train.jsonl --output o",
        "finetune --task tag --model exported --train nosuch --dev train.jsonl --output o",
        "predict --model exported --input nosuch --output o",
        "embed --model nosuch --input train.jsonl --output o.npy",
        "fill_mask --model nosuch a",
        "serve --model nosuch",
    ]
    code = (
        "import sys\nfrom trainer.__main__ import main\n"
        f"print([main(line.split()) for line in {mistakes!r}], [m for m in ('jax', 'keras', 'numba') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == f"{[2] * len(mistakes)} []", done.stderr
    assert done.stderr.count("no such") == len(mistakes) - 5
    assert done.stderr.count("--run empty: is an empty folder; name the --output of a training run") == 1
    assert done.stderr.count("--run exported: holds no training run (looked for plan.json); name the --output") == 1
    assert done.stderr.count("--data empty: is an empty folder; name the output of the instances job") == 1
    assert done.stderr.count("--data train.jsonl: is a file, no folder; name the output of the instances job") == 1
    assert len(done.stderr.splitlines()) == len(mistakes)
