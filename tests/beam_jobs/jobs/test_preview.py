"""What is shown before a job, on every engine; a dry run writes nothing at all."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from beam_jobs import storage
from beam_jobs.commands import corpus, instances, segment, vocabulary
from beam_jobs.console.command_parser import CommandParser
from beam_jobs.engines.arguments import RUNNERS
from beam_jobs.errors import UserError
from beam_jobs.jobs.segment.pipeline import run_segment
from beam_jobs.settings import SegmentSettings

SETUP = Path(__file__).parents[3] / "setup.py"
COMMANDS = {"vocabulary": vocabulary, "segment": segment, "instances": instances, "corpus": corpus}
TEXT = "Det var en gang. Så kom det en til! Hvor ble det av den? Ingen vet det."
VOCABULARY = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "[MASK]",
    *"abcdefghijklmnopqrstuvwxyzåæø.!?",
    *(f"##{c}" for c in "abcdeghilmnoprstuvå"),
]


@pytest.fixture
def run() -> Callable[..., int]:
    """A command of the jobs, in this process."""

    def run_command(name: str, *arguments: object) -> int:
        parser = CommandParser(prog=name, allow_abbrev=False)
        COMMANDS[name].add_arguments(parser)
        options, options_of_beam = parser.parse_known_args([str(argument) for argument in arguments])
        options.beam_arguments = options_of_beam
        return COMMANDS[name].run(options)

    return run_command


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with raw text, a vocabulary and finished sentences."""
    (tmp_path / "raw").mkdir()
    lines = [json.dumps({"id": str(i), "text": f"{TEXT} Nummer {i}."}) + "\n" for i in range(300)]
    (tmp_path / "raw" / "a.jsonl").write_text("".join(lines))
    (tmp_path / "vocab.txt").write_text("\n".join(VOCABULARY) + "\n")
    run_segment(SegmentSettings((str(tmp_path / "raw"),), str(tmp_path / "sentences"), max_num_cpus=1))
    return tmp_path


def _everything(folder: Path) -> list[tuple[str, int]]:
    return sorted((str(path.relative_to(folder)), path.stat().st_mtime_ns) for path in folder.rglob("*"))


def _settings(name: str, place: str) -> list[str]:
    text = "sentences" if name == "instances" else "raw"
    given = ["--input", f"{place}/{text}", "--output", f"{place}/out"]
    if name in ("instances", "corpus"):
        given += ["--vocab_file", f"{place}/vocab.txt", "--model_class", "bert_multi_cased", "--dupe_factor", "2"]
    return given


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("engine", [engine for engine in RUNNERS if engine != "dataflow"])
def test_a_dry_run_writes_nothing(place: Path, run, capsys, monkeypatch, name: str, engine: str) -> None:
    monkeypatch.setattr("shutil.which", lambda command: f"/usr/bin/{command}")  # as if Java were here
    before = _everything(place)
    assert run(name, *_settings(name, str(place)), "--engine", engine, "--dry_run") == 0
    assert _everything(place) == before
    said = capsys.readouterr().out
    where = RUNNERS[engine] or "this machine"
    assert said.startswith(f"dry run of {name} on {where}: nothing is written and nothing is submitted\n")
    assert "\nplan       " in said
    assert "\nmoney      that of your own machines\n" in said
    assert "\ngraph      " in said
    if name != "instances":
        assert "about 300 documents" in said


@pytest.fixture
def bucket_place(gs: str, place: Path) -> str:
    """The same in a bucket."""
    for path in place.rglob("*"):
        if path.is_file():
            storage.write_atomically(f"{gs}/dry/{path.relative_to(place)}", path.read_bytes())
    return f"{gs}/dry"


@pytest.mark.parametrize("name", COMMANDS)
def test_a_dry_run_for_dataflow_writes_nothing(bucket_place: str, run, capsys, name: str) -> None:
    before = storage.list_files(bucket_place)
    options = ["--engine=dataflow", "--project=project-1", "--region=r", f"--temp_location={bucket_place}/temp"]
    options += [f"--setup_file={SETUP}", "--max_num_workers=7"]
    assert run(name, *_settings(name, bucket_place), *options, "--dry_run") == 0
    assert storage.list_files(bucket_place) == before
    said = capsys.readouterr().out
    assert f"dry run of {name} on DataflowRunner" in said
    assert "USD for workers" in said
    assert "kB of pipeline for Dataflow, which takes 10 MB" in said


def test_before_a_remote_job_the_estimate_is_shown_and_the_job_runs(place: Path, run, capsys, monkeypatch) -> None:
    ran = []
    monkeypatch.setattr("beam_jobs.jobs.segment.pipeline.run_segment", lambda *given: ran.append(given))
    given = [*_settings("segment", str(place)), "--runner=BundleBasedDirectRunner"]
    assert run("segment", *given) == 0
    said = capsys.readouterr().out
    assert said.startswith("plan       1 ranges of ")
    assert "core-hours" in said
    assert "graph" not in said
    assert len(ran) == 1
    assert run("segment", *given, "--no-estimate") == 0
    assert capsys.readouterr().out == ""
    assert len(ran) == 2


def test_a_dry_run_names_what_the_output_holds(place: Path, run, capsys) -> None:
    given = ["--input", place / "raw", "--output", place / "sentences", "--dry_run", "--no-estimate"]
    assert run("segment", *given) == 0
    assert f"output     {place}/sentences (holds sentences, finished)" in capsys.readouterr().out


def test_prices_that_cannot_be_read_are_told_before_anything(place: Path, run) -> None:
    with pytest.raises(UserError, match="nowhere"):
        run("segment", *_settings("segment", str(place)), "--dry_run", "--prices", os.fspath(place / "nowhere"))
