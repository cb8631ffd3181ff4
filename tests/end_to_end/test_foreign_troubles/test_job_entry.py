"""Odd flags, files and surroundings at every entry of the jobs: they succeed, or say in one line what is wrong."""

import dataclasses
import json
import os
import socket
import subprocess
import sys
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


@pytest.fixture
def spoilt(tmp_path: Path) -> list[str]:
    """Paths that a user may name by mistake, of every kind."""
    folder = tmp_path / "spoilt"
    folder.mkdir()
    for ending in ("txt", "jsonl", "parquet", "json", "txt.gz", "jsonl.zst", "tfrecord"):
        (folder / f"empty.{ending}").write_bytes(b"")
        (folder / f"binary.{ending}").write_bytes(bytes(range(256)) * 40)
        (folder / f"folder.{ending}").mkdir()
        (folder / f"link.{ending}").symlink_to(folder / "gone")
        os.mkfifo(folder / f"fifo.{ending}")
    (folder / "nested.json").write_text("[" * 100_000)
    (folder / "nested.jsonl").write_text("[" * 100_000)
    (folder / "list.json").write_text("[1, 2]")
    (folder / "table.json").write_text('{"name": 1}')
    loop = folder / "loop.txt"
    loop.symlink_to(loop)
    before = Path.cwd()
    try:
        os.chdir(folder)  # the name of a socket must be short
        with socket.socket(socket.AF_UNIX) as server:
            server.bind("socket.txt")
    finally:
        os.chdir(before)
    others = ["/dev/null", "/dev/null/below", "", "x" * 5000, f"{folder}/missing", f"{folder}/empty.txt/below", "a\0b"]
    return [
        *sorted(map(str, folder.iterdir())),
        *others,
        "s3:/",
        "gs://",
        "http://",
        "file:///",
        "nosuch://x/y",
        "[",
        "**",
    ]


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
    ("job", "values"),
    [
        ("segment", {"shard_mb": ("1e-308", "1e308", "0.000001", "1000000"), "random_seed": ("-1", "1" + "0" * 30), "dev_fraction": ("0.999999",),
                     "language": (" ", "😀", "x" * 300), "run_name": ("\udcff", "\n"), "id_field": ("", "text"),
                     "max_num_cpus": ("1" + "0" * 30,), "text_field": ("\udcff",)}),
        ("instances", {"shard_mb": ("1e-308", "1e308", "0.000001", "1000000"), "random_seed": ("-1", "1" + "0" * 30), "max_seq_length": ("8", "4096"),
                       "masked_lm_prob": ("1e-308", "1"), "short_seq_prob": ("0", "1"), "num_logged_samples": ("0", "100000"),
                       "max_input_chars_per_word": ("1", "10000"), "run_name": ("\udcff",), "vocab_dir": ("/dev/null",)}),
        ("vocabulary", {"vocab_size": ("100", "1000000"), "min_frequency": ("1" + "0" * 30,), "name": ("..", "a/b", "vocab", "\udcff"),
                        "alphabet_size": ("1", "1" + "0" * 30), "run_name": ("\udcff",)}),
    ],
)  # fmt: skip
def test_the_ends_of_what_is_allowed(
    outcome: Outcome, tmp_path: Path, good: dict[str, Path], job: str, values: dict[str, tuple[str, ...]]
) -> None:
    """What passed the check of the settings broke the job in its middle."""
    source = good["sentences.txt" if job == "instances" else "raw.jsonl"]
    more = ["--vocab_file", good["vocab.txt"], "--dupe_factor", "1"] if job == "instances" else []
    for number, (flag, value) in enumerate((flag, value) for flag, of_flag in values.items() for value in of_flag):
        outcome(job, "--input", source, "--output", tmp_path / str(number), *more, f"--{flag}={value}")


@pytest.mark.parametrize(
    "arguments",
    [
        "segment --input FILE --output OUT",
        "vocabulary --input FILE --output OUT --vocab_size 100",
        "instances --input FILE --output OUT --vocab_file VOCAB --dupe_factor 1",
        "instances --input SENTENCES --output OUT --vocab_file FILE --dupe_factor 1",
        "instances --input SENTENCES --output OUT --model_class FILE --dupe_factor 1",
        "inspect FILE --vocab_file VOCAB --max_num_cpus 1",
        "inspect FILE",
        "inspect INSTANCES --vocab_file FILE --max_num_cpus 1",
        "inspect INSTANCES --num 0 --max_num_cpus 1 --html FILE",
        "vocab lint --vocab_file FILE",
        "vocab lint --model_class FILE",
        "vocab lint --vocab_file VOCAB --text FILE",
        "vocab fetch --model_class FILE",
    ],
)
def test_any_file_in_the_place_of_another(
    outcome: Outcome,
    tmp_path: Path,
    good: dict[str, Path],
    spoilt: list[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: str,
) -> None:
    """Folders, pipes, empty and binary files, broken links and addresses of nowhere were named instead of a file."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    places = {"VOCAB": good["vocab.txt"], "SENTENCES": good["sentences.txt"], "INSTANCES": good["instances"]}
    for number, file in enumerate(spoilt):
        if "fifo" in file and "--input FILE" not in arguments:
            continue  # a pipe waits for its other end, as it does everywhere
        here = {**places, "FILE": file, "OUT": tmp_path / f"out{number}"}
        outcome(*(here.get(part, part) for part in arguments.split()))


@pytest.mark.parametrize("job", ["segment", "instances", "vocabulary", "corpus", "demo"])
@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"{}", b'{"kind": 1, "settings_hash": 2, "shards": [3]}', b"\xff"]
)
def test_any_bytes_in_the_files_of_an_output(
    outcome: Outcome, tmp_path: Path, good: dict[str, Path], monkeypatch: pytest.MonkeyPatch, job: str, content: bytes
) -> None:
    """An output folder that something else has written to, or a copy of one that broke off."""
    monkeypatch.chdir(tmp_path)
    given: list[object] = [job, "--output", "out"]
    if job != "demo":
        given += ["--input", good["sentences.txt"]]
    if job in ("instances", "corpus"):
        given += ["--vocab_file", good["vocab.txt"], "--dupe_factor", "1"]
    for name in ("manifest.json", "corpus_stats.json", "_work/run.json", "vocab.txt"):
        for folder in ("out", "out/sentences", "out/instances", "out/vocab"):
            path = tmp_path / folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    status, _ = outcome(*given)
    assert status == 2


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
        ("demo --no_trainin", "did you mean --no-training?"),
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


# --- surroundings: in processes of their own --------------------------------------------------------------------------


def _process(arguments: list[object], shell: str = "", **changes: str | None) -> subprocess.CompletedProcess[bytes]:
    """A command with other environment variables; `shell` stands behind it, as a user writes it."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **changes}
    return subprocess.run(
        ["sh", "-c", f'"$0" "$@" {shell}', sys.executable, "-m", "beam_jobs", *map(os.fsencode, map(str, arguments))],
        capture_output=True, env={name: value for name, value in environment.items() if value is not None}, timeout=300,
    )  # fmt: skip


@pytest.mark.parametrize(
    "changes",
    [
        {"HOME": None, "XDG_CACHE_HOME": None, "TMPDIR": "/no/such/folder", "LANG": "C", "LC_ALL": "C"},
        {"PYTHONIOENCODING": "ascii", "HOME": "/proc/no", "NUMBA_CACHE_DIR": "/proc/no", "COLUMNS": "x", "TERM": ""},
    ],
    ids=["bare", "odd"],
)
def test_odd_surroundings(tmp_path: Path, good: dict[str, Path], changes: dict[str, str | None]) -> None:
    """Containers and cron jobs run without a home, a locale or a place for temporary files."""
    given = ["--input", good["sentences.txt"], "--output", tmp_path / "out", "--vocab_file", good["vocab.txt"]]
    done = _process(["instances", *given, "--dupe_factor", "1"], **changes)
    assert done.returncode == 0, done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("shell", ["| head -n 1", ">&-", "2>&-", "<&- >&- 2>&-", "> /dev/full"])
def test_standard_streams(tmp_path: Path, good: dict[str, Path], shell: str) -> None:
    """A pipe that closes, a full disk or a service manager without streams."""
    done = _process(["inspect", good["instances"], "--num", "20", "--max_num_cpus", "1"], shell)
    assert b"Traceback" not in done.stderr + done.stdout
    assert done.returncode == (2 if "full" in shell else 0), done.stderr
    assert done.stderr.count(b"\n") <= 2


def test_arguments_that_are_no_text(tmp_path: Path) -> None:
    """A folder named in another encoding."""
    folder = os.fsencode(tmp_path) + b"/bl\xe5b\xe6r"
    os.mkdir(folder)  # noqa: PTH102
    with open(folder + b"/a.txt", "w") as file:  # noqa: PTH123
        file.write("This is a text. It has two sentences.\n" * 3)
    done = _process(["segment", "--input", os.fsdecode(folder), "--output", os.fsdecode(folder + b"/out")])
    assert done.returncode == 0, done.stderr
    done = _process(
        ["segment", "--input", os.fsdecode(folder + b"/no.txt"), "--output", os.fsdecode(folder + b"/out2")]
    )
    assert (done.returncode, done.stderr.count(b"\n")) == (2, 1), done.stderr
