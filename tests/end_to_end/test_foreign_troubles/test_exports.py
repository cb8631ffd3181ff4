"""Exports through the command line: what they may replace, and what they say of the model."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

import beam_jobs.__main__ as jobs_command_line
import trainer.__main__ as command_line

FORMATS = ("hugging_face", "model_garden", "saved_model")


@pytest.fixture(scope="module")
def source(foreign_bert: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of somebody else's; only read."""
    return foreign_bert(tmp_path_factory.mktemp("foreign") / "model")


def content_of(folder: Path) -> dict[str, str]:
    """Every file below a folder by its name, as a digest."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def export(source: Path, output: Path, *more: str) -> int:
    return command_line.main(["export", "--checkpoint", str(source), "--output", str(output), *more])


def refused(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """The one line that a refused export ends with."""
    assert command_line.main(["export", *map(str, arguments)]) == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1, lines
    return lines[0]


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("held", ["config.json", "bert_config.json", "saved_model.pb"])
def test_a_folder_that_is_no_export_is_left_as_it_is(form, held, source, tmp_path, capsys):
    """Somebody whose project folder held a file called config.json found it emptied after an export."""
    mine = tmp_path / "project"
    (mine / "thesis").mkdir(parents=True)
    (mine / held).write_text("{}")
    (mine / "thesis" / "chapter.tex").write_text("years of work")
    before = content_of(tmp_path)
    message = refused(capsys, "--checkpoint", source, "--output", mine, "--format", form)
    assert str(mine) in message
    assert "nothing was touched: name another --output" in message
    assert content_of(tmp_path) == before


def test_a_published_google_folder_is_left_as_it_is(source, tmp_path, capsys):
    """Somebody who exported into the folder of a downloaded Google BERT lost the download."""
    google = tmp_path / "uncased_L-2"
    google.mkdir()
    for name in ("bert_config.json", "bert_model.ckpt.index", "bert_model.ckpt.data-00000-of-00001", "vocab.txt"):
        (google / name).write_text(name)
    before = content_of(google)
    assert "beambert_export.json" in refused(
        capsys, "--checkpoint", source, "--output", google, "--format", "model_garden"
    )
    assert content_of(google) == before


def test_a_source_is_never_the_output(foreign_bert, tmp_path, capsys):
    """Somebody who exported a checkpoint onto itself, or into the folder around it, lost the checkpoint."""
    model = foreign_bert(tmp_path / "models" / "mine")
    (tmp_path / "link").symlink_to(model)
    before = content_of(tmp_path / "models")
    for output in (model, tmp_path / "link", tmp_path / "models"):
        assert "holds what is to be exported" in refused(capsys, "--checkpoint", model, "--output", output)
    assert content_of(tmp_path / "models") == before


def test_an_export_is_replaced_only_while_it_is_as_it_was_written(source, tmp_path, capsys):
    """Somebody who fine-tuned an exported model in its folder and exported again lost the fine-tuned weights."""
    output = tmp_path / "exported"
    assert export(source, output, "--name", "first") == 0
    assert export(source, output, "--name", "second") == 0
    assert (output / "README.md").read_text().count("# second") == 1
    assert {path.name for path in tmp_path.iterdir()} == {"exported"}  # nothing temporary stays
    for added, name in ((True, "training_args.bin"), (False, "model.safetensors")):
        kept = (output / name).read_bytes() if not added else b""
        (output / name).write_bytes(b"\1" * max(len(kept), 5))  # of the same size
        before = content_of(output)
        message = refused(capsys, "--checkpoint", source, "--output", output)
        assert f"{name} was {'added to it' if added else 'changed since'}" in message
        assert content_of(output) == before
        (output / name).unlink()
    assert "in the form hugging_face" in refused(
        capsys, "--checkpoint", source, "--output", output, "--format", "model_garden"
    )


def test_an_export_of_an_earlier_version_is_not_replaced(source, tmp_path, capsys):
    """Somebody whose exports were made before exports were marked must be told what to do, not have them deleted."""
    output = tmp_path / "exported"
    assert export(source, output) == 0
    (output / "beambert_export.json").unlink()
    before = content_of(output)
    message = refused(capsys, "--checkpoint", source, "--output", output)
    assert "exports of earlier versions have none" in message
    assert "remove that folder yourself" in message
    assert content_of(output) == before


def test_a_marker_cannot_point_outside_its_folder(source, tmp_path):
    """Somebody who exports over a folder from elsewhere must not lose files that its marker names by `..`."""
    output, mine = tmp_path / "exported", tmp_path / "mine.txt"
    assert export(source, output) == 0
    mine.write_text("mine")
    marker = json.loads((output / "beambert_export.json").read_text())
    marker["files"]["../mine.txt"] = {"bytes": 4, "sha256": hashlib.sha256(b"mine").hexdigest()}
    (output / "beambert_export.json").write_text(json.dumps(marker))
    assert export(source, output) == 0
    assert mine.read_text() == "mine"


def test_an_output_on_an_object_store_is_refused(source, tmp_path, capsys, monkeypatch):
    """Somebody who named a bucket found a folder called gs: beside the program, and an empty bucket."""
    monkeypatch.chdir(tmp_path)
    assert "written to a local disk" in refused(capsys, "--checkpoint", source, "--output", "gs://bucket/model")
    assert not list(tmp_path.iterdir())


def test_a_job_overwrites_no_file_that_it_did_not_write(tmp_path, capsys):
    """Somebody who let a vocabulary be learnt into the folder of the old one lost the old one; so with a folder _work."""
    output = tmp_path / "output"
    (output / "_work").mkdir(parents=True)
    (tmp_path / "text.txt").write_text("the cat sat on the mat\n" * 50)
    arguments = ["vocabulary", "--input", str(tmp_path / "text.txt"), "--output", str(output)]
    for name in ("vocab.txt", "custom.json", "_work/notes.txt"):
        (output / name).write_text("mine")
        assert jobs_command_line.main(arguments) == 2
        assert f"already holds {name}, which no job here wrote" in capsys.readouterr().err
        assert content_of(output).keys() == {name}
        (output / name).unlink()
