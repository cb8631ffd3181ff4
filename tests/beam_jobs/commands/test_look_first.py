"""Wrong paths of jobs: one line that names the setting, before Beam, numba, JAX or Keras is loaded."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from beam_jobs.commands.look_first import look_first
from beam_jobs.errors import UserError
from beam_jobs.settings import InstanceSettings, SegmentSettings, VocabularySettings


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, content in {"a.txt": "Ei linje.\n", "none.txt": "", "a.pdf": "%PDF", "in/deep/b.jsonl.GZ": "x"}.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    (tmp_path / "empty").mkdir()
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "manifest.json").write_text("{}")


@pytest.mark.parametrize(
    "settings",
    [
        [SegmentSettings(("a.txt", "in", "*.txt", "i*", "**/*.GZ", "gs://bucket/none", "none.txt", "made"), "out")],
        [VocabularySettings(("a.txt",), "out")],
        [InstanceSettings(("made",), "out"), InstanceSettings(("a.txt",), "out", vocab_file="s3://bucket/none")],
        [
            SegmentSettings(("a.txt",), "o"),
            VocabularySettings(("o",), "v"),
            InstanceSettings(("o",), "i", vocab_file="no"),
        ],
    ],
    ids=["segment", "vocabulary", "instances", "learned corpus"],
)
def test_what_can_be_read_is_left_to_the_job(settings: list) -> None:
    look_first(settings)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (SegmentSettings(("a.txt", "nosuch"), "out"), r"^--input nosuch matches no file; check the path \(known are \.jsonl"),
        (SegmentSettings(("empty",), "out"), "^--input empty matches no file: it is an empty folder; name one that holds text$"),
        (SegmentSettings(("a.pdf",), "out"), r"^--input a\.pdf: cannot read a\.pdf; known are \.jsonl"),
        (SegmentSettings(("none.txt",), "out"), "^--input none.txt holds only empty files, of 0 bytes; name files that hold text$"),
        (InstanceSettings(("in",), "out"), "run the segment job on it first"),
        (InstanceSettings(("a.txt",), "out", vocab_file="no"), "^--vocab_file .*/no: no such vocabulary file; name a vocab.txt"),
        (InstanceSettings(("a.txt",), "out", model_class="no"), "^no model class 'no'"),
    ],
    ids=["nosuch", "empty folder", "other kind", "empty file", "raw text", "vocabulary", "model class"],
)  # fmt: skip
def test_what_is_not_there_is_told_with_its_setting(settings: object, said: str) -> None:
    with pytest.raises(UserError, match=said) as error:
        look_first([settings])
    assert "\n" not in str(error.value)


def test_a_wrong_path_loads_nothing_heavy(tmp_path: Path) -> None:
    mistakes = [
        "vocabulary --input nosuch --output out",
        "segment --input nosuch --output out",
        "segment --input none.txt --output out",
        "instances --input nosuch --output out",
        "instances --input a.txt --vocab_file nosuch --output out",
        "corpus --input empty --output out",
        "corpus --input a.txt --vocab_file nosuch --output out",
        "corpus --input nosuch --vocab_size 300 --output out",
        "embed --input nosuch --model nosuch --output out",
        "embed --input a.txt --model nosuch --output out",
        "vocab lint nosuch",
        "config show corpus --config nosuch.toml",
    ]
    heavy = ("apache_beam", "grpc", "jax", "keras", "numba", "pyarrow", "tensorflow", "tokenizers")
    code = (
        "import json, sys\nfrom beam_jobs.__main__ import main\n"
        f"print(json.dumps([[main(line.split()), [m for m in {heavy!r} if m in sys.modules]] for line in {mistakes!r}]))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert json.loads(done.stdout) == [[2, []]] * len(mistakes), done.stderr
    lines = done.stderr.splitlines()
    assert len(lines) == len(mistakes)
    assert all(line.startswith("beambert: error: ") for line in lines)
    assert lines[-2].endswith(
        "unknown argument nosuch: a vocabulary is named by --vocab_file or --model_class, a sample of text by --text"
    )
    assert not (tmp_path / "out").exists()
