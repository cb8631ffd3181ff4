"""What `inspect --filtered` prints, from the folder of a job."""

import io
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from beam_jobs.errors import UserError
from beam_jobs.inspection.filtered.show import beside, print_reason, settings_of, show_filtered
from beam_jobs.jobs.segment.pipeline import run_segment
from beam_jobs.records import Document, Filtered
from beam_jobs.settings import SegmentSettings

HELD_OUT = " ".join(f"ord{chr(97 + i)}" for i in range(15))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The sentences of five documents, of which two more hold an evaluation text."""
    texts = [f"Dokument nummer {i} handler om noe annet." for i in range(5)] + [
        f"Sitat {i}: {HELD_OUT}." for i in range(2)
    ]
    (tmp_path / "raw.jsonl").write_text(
        "".join(json.dumps({"id": f"d{i}", "text": t}) + "\n" for i, t in enumerate(texts))
    )
    (tmp_path / "test.tsv").write_text(HELD_OUT)
    run_segment(
        SegmentSettings(
            (str(tmp_path / "raw.jsonl"),),
            str(tmp_path / "out/sentences"),
            decontaminate=(str(tmp_path / "test.tsv"),),
            max_num_cpus=1,
        )
    )
    return tmp_path


def test_filtered_documents_of_a_job(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path in (folder / "out/sentences", folder / "out"):
        assert show_filtered(str(path), 3) == 0
        out = capsys.readouterr().out
        assert "contaminated: 2 documents\n" in out
        assert out.count(HELD_OUT) == 2
        assert "(d6) · test.tsv" in out
    show_filtered(str(folder / "out"), 1, "contaminated")
    out = capsys.readouterr().out
    assert "contaminated: 2 documents, 1 shown" in out
    assert out.count(HELD_OUT) == 1


def test_without_the_input_only_the_places_are_shown(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "raw.jsonl").unlink()
    assert show_filtered(str(folder / "out"), 3) == 0
    out = capsys.readouterr().out
    assert out.count("(cannot be read from the input any more)") == 2
    assert "raw.jsonl at " in out


def test_another_document_at_a_place_is_not_shown(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    raw = folder / "raw.jsonl"
    raw.write_text(raw.read_text().replace('"d6"', '"e6"'))
    assert show_filtered(str(folder / "out"), 3) == 0
    out = capsys.readouterr().out
    assert out.count("(cannot be read from the input any more)") == 1
    assert "(d5)" in out


def test_mistakes_are_one_line(folder: Path) -> None:
    with pytest.raises(
        UserError, match="--reason contaminted: the reasons there are contaminated; did you mean contaminated"
    ):
        show_filtered(str(folder / "out"), 3, "contaminted")
    with pytest.raises(UserError, match="holds no sentences of a job"):
        show_filtered(str(folder), 3)
    with pytest.raises(UserError, match="--num -1 must not be negative"):
        show_filtered(str(folder / "out"), -1)


def test_nothing_filtered_out(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.rmtree(folder / "out/sentences/filtered")
    assert show_filtered(str(folder / "out"), 3) == 0
    assert "no document was filtered out" in capsys.readouterr().out
    with pytest.raises(UserError, match="--reason x: nothing was filtered out"):
        show_filtered(str(folder / "out"), 3, "x")


def test_a_duplicate_is_shown_beside_the_one_that_is_kept() -> None:
    entry = Filtered("a", 7, "duplicate_near", id="x", kept_id="y", kept_source="b", kept_offset=9, shared_bands=12)
    exact = Filtered("a", 8, "duplicate_near", kept_source="b", kept_offset=9)
    found = {("a", 7): ("x", "en to  tre\nfire"), ("b", 9): ("y", "en to tre fem"), ("a", 8): ("", "x" * 900)}
    documents = {place: Document(id, text, "", *place) for place, (id, text) in found.items()}
    out = io.StringIO()
    print_reason(Console(file=out, width=120), "duplicate_near", 2, [entry, exact], documents)
    lines = [" ".join(line.split()) for line in out.getvalue().splitlines()]
    assert "removed: a at 7 (x) kept: b at 9 (y) · 12 shared bands" in lines
    assert "en to tre [-fire-] en to tre {+fem+}" in lines
    assert "removed: a at 8 kept: b at 9 · an exact copy" in lines
    assert "x" * 801 not in out.getvalue()
    out = io.StringIO()
    print_reason(Console(file=out, width=120), "contained", 1, [replace(exact, reason="contained")], documents)
    assert "kept: b at 9 · has most of its lines" in " ".join(out.getvalue().split())


def test_words_of_one_text_alone_are_marked() -> None:
    removed, kept = beside("en to tre", "en fire tre")
    assert [(removed.plain[span.start : span.end], span.style) for span in removed.spans] == [("to ", "red")]
    assert [(kept.plain[span.start : span.end], span.style) for span in kept.spans] == [("fire ", "green")]
    removed, kept = beside("en to tre", "en fire tre", plain=True)
    assert (removed.plain, kept.plain) == ("en [-to-] tre ", "en {+fire+} tre ")


def test_the_excerpt_begins_before_the_first_difference() -> None:
    same = [f"ord{i}" for i in range(1000)]
    removed, kept = beside(" ".join([*same, "a", *same]), " ".join([*same, "b", *same]), plain=True)
    assert removed.plain.startswith("... ord985 ")
    assert "ord999 [-a-] ord0" in removed.plain
    assert "ord999 {+b+} ord0" in kept.plain
    assert len(kept.plain.split()) == 131
    equal, _ = beside(" ".join(same), " ".join(same))
    assert equal.plain.startswith("ord0 ")


def test_one_text_that_is_gone_leaves_the_other() -> None:
    removed, kept = beside(None, "en to")
    assert (removed.plain, kept.plain) == ("(cannot be read from the input any more)", "en to")


def test_settings_of_statistics() -> None:
    stats = {
        "data_dir": ["a", "b"],
        "text_field": "body",
        "decontaminate": ["c"],
        "documents": 3,
        "of_a_later_version": 1,
    }
    settings = settings_of(stats, "out")
    assert (settings.input, settings.text_field, settings.decontaminate, settings.output) == (
        ("a", "b"),
        "body",
        ("c",),
        "out",
    )
    assert settings_of({"data_dir": "a"}, "out").input == ("a",)
