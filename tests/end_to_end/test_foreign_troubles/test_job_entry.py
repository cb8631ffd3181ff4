"""Odd flags, files and surroundings at every entry of the jobs: they succeed, or say in one line what is wrong."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from beam_jobs.__main__ import main
from beam_jobs.settings import InstanceSettings, SegmentSettings, VocabularySettings

ROOT = Path(__file__).parent.parent.parent.parent
ODD = (
    "nan",
    "inf",
    "-inf",
    "-1",
    "0",
    "1e308",
    "1e-308",
    "1" + "0" * 30,
    "x",
    "",
    " ",
    "²",
    "--",
    "\0",
    "\udcff",
    "😀" * 99,
)
CLASSES = {"segment": SegmentSettings, "instances": InstanceSettings, "vocabulary": VocabularySettings}
FLAGS = [(job, f.name) for job, settings in CLASSES.items() for f in dataclasses.fields(settings)]
PATHS = ("input", "output")
Outcome = Callable[..., tuple[int, str]]


@pytest.fixture
def outcome(capsys: pytest.CaptureFixture[str]) -> Outcome:
    """Run a command here: its status and, of a failure, its one line; anything else fails the test."""

    def run(*arguments: object) -> tuple[int, str]:
        capsys.readouterr()
        try:
            status = main([str(argument) for argument in arguments])
        except SystemExit as leaving:  # of --help
            status = int(leaving.code or 0)
        errors = [line for line in capsys.readouterr().err.splitlines() if "error" in line]
        if status == 2:
            assert len(errors) == 1, (arguments, errors)
            assert errors[0].startswith("beambert: error: ")
        else:
            assert status in (0, 1), (arguments, status)
        return status, errors[0] if errors else ""

    return run


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One good input of every kind."""
    folder = tmp_path_factory.mktemp("good")
    (folder / "raw.jsonl").write_text(
        "".join(json.dumps({"text": f"This is {i}. It ends here."}) + "\n" for i in range(30))
    )
    (folder / "sentences.txt").write_text("".join(f"this is {i} .\nit ends .\n\n" for i in range(30)))
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"abcdefghijklmnopqrstuvwxyz.0123456789"]
    pieces += [f"##{piece}" for piece in pieces[5:]]
    (folder / "vocab.txt").write_text("\n".join(pieces))
    given = [
        "--input",
        folder / "sentences.txt",
        "--output",
        folder / "instances",
        "--vocab_file",
        folder / "vocab.txt",
    ]
    assert main(["instances", *map(str, given), "--dupe_factor", "1"]) == 0
    return {name: folder / name for name in ("raw.jsonl", "sentences.txt", "vocab.txt", "instances")}


@pytest.mark.parametrize(("job", "flag"), FLAGS)
def test_every_flag_with_every_odd_value(
    outcome: Outcome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, job: str, flag: str
) -> None:
    """A number that is none, an empty name or a typing slip came out as pages of usage, or as a traceback."""
    monkeypatch.chdir(tmp_path)
    given = [job, "--input", "no/such.txt", "--output", "out", "--vocab_file", "no/vocab.txt"]
    if job != "instances":
        given = given[:-2]
    for value in ODD:
        status, _ = outcome(*given, f"--{flag}={value}")
        assert status == 2, (flag, value)
    outcome(*given, f"--{flag}")  # without its value
    outcome(*given, f"--no{flag}", f"--{flag}s", "1")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "output", ["file", "file/below", "/dev/null", "/dev/null/x", "/proc/x", "x" * 300, "loop", "\0", "."]
)
def test_an_output_that_cannot_be(
    outcome: Outcome, tmp_path: Path, good: dict[str, Path], monkeypatch: pytest.MonkeyPatch, output: str
) -> None:
    """An output that is a file, lies below one, leads in a circle, or where nobody may write."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("mine")
    (tmp_path / "loop").symlink_to("loop")
    for job in ("segment", "vocabulary", "instances", "corpus", "demo"):
        given = [] if job == "demo" else ["--input", good["sentences.txt"]]
        given += ["--vocab_file", good["vocab.txt"]] if job in ("instances", "corpus") else []
        if output == "." and job != "segment":
            continue
        status, _ = outcome(job, *given, "--output", output)
        assert status == (0 if output == "." else 2), job
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        ("segmnt", "did you mean segment?"),
        ("Instances", "did you mean instances?"),
        ("segment --input x --output y --text-field z", "did you mean --text_field?"),
        ("instances --input x --output y --max_seq_len 3", "did you mean --max_seq_length?"),
        ("corpus --input x --output y --dupe_fator=3", "did you mean --dupe_factor?"),
        ("vocabulary --input x --output y --vocabsize 3", "did you mean --vocab_size?"),
        ("segment --input x --output y --runer=FlinkRunner", "did you mean --runner?"),
        ("segment --input x --output y --direct_num_worker=1", "did you mean --direct_num_workers?"),
        ("inspect x --vocabfile y", "did you mean --vocab_file?"),
        ("vocab lint --vocab_fil x", "did you mean --vocab_file?"),
        ("demo --no_trainin", "did you mean --no_training?"),
    ],
)
def test_a_mistyped_name_is_told_what_was_meant(outcome: Outcome, arguments: str, meant: str) -> None:
    """The right spelling had to be found in a page of usage."""
    status, error = outcome(*arguments.split())
    assert status == 2
    assert meant in error


@pytest.mark.parametrize(
    "arguments",
    [
        "vocab", "vocab lnt", "vocab lint", "vocab fetch", "inspect", "inspect x --num x", "inspect x --num -1", "inspect x --check most",
        "inspect x --max_num_cpus -1", "inspect INSTANCES --record -1", "inspect INSTANCES --record 99999", "demo --output", "demo x",
        "segment", "corpus", "--", "-x", "segment --", "segment --input", "segment --input x --output y z",
        "segment --input RAW --output OUT --runner=NoSuchRunner", "segment --input RAW --output OUT --runner=a.b.C",
        "segment --input RAW --output OUT --direct_running_mode=x", "segment --input RAW --output OUT --direct_num_workers=-1",
        "segment --input RAW --output OUT --sdk_location",
    ],
)  # fmt: skip
def test_a_command_line_that_is_not_whole(
    outcome: Outcome, good: dict[str, Path], tmp_path: Path, arguments: str
) -> None:
    """Half a command, or one with a value that Beam does not know."""
    places = {"INSTANCES": good["instances"], "RAW": good["raw.jsonl"], "OUT": tmp_path / "out"}
    assert outcome(*(places.get(part, part) for part in arguments.split()))[0] == 2
