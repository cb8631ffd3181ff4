"""Documents with text of evaluation files, from the files to `filtered/` and the statistics."""

import json
import time
from pathlib import Path

import pytest

from beam_jobs.errors import UserError
from beam_jobs.inputs.plan_file import write_plan
from beam_jobs.jobs.measure import measure_segment
from beam_jobs.jobs.segment.document_batch import DocumentBatch
from beam_jobs.jobs.segment.filters import decontaminate
from beam_jobs.jobs.segment.filters.decontaminate import (
    hash_of_held_out,
    held_out_documents,
    held_out_stats,
    tell_of_short_texts,
    write_held_out,
)
from beam_jobs.jobs.segment.job import SEGMENT_STEP, open_job
from beam_jobs.jobs.segment.pipeline import run_segment
from beam_jobs.jobs.segment.segment_ranges import segment_range
from beam_jobs.records import Document
from beam_jobs.settings import SegmentSettings

WORDS = [f"ord{chr(97 + i % 26)}{chr(97 + i // 26)}" for i in range(60)]
FIRST, SECOND = " ".join(WORDS[:20]), " ".join(WORDS[30:50])


@pytest.fixture
def settings(tmp_path: Path) -> SegmentSettings:
    """Ten documents, of which 3 holds text of a.jsonl and 7 of b.tsv."""
    documents = [{"id": str(i), "text": f"Dokument {i} er et annet. " + " ".join(WORDS[i : i + 9])} for i in range(10)]
    documents[3]["text"] += f" Sitat: {FIRST.upper()}!"
    documents[7]["text"] += f" Sitat: {SECOND}."
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(document) + "\n" for document in documents))
    (tmp_path / "a.jsonl").write_text(json.dumps({"context": FIRST, "answers": ["ja", "nei"]}) + "\n")
    (tmp_path / "b.tsv").write_text(f"{SECOND}\tja\n")
    files = (str(tmp_path / "a.jsonl"), str(tmp_path / "b.tsv"))
    return SegmentSettings((str(tmp_path / "in.jsonl"),), str(tmp_path / "out"), decontaminate=files, max_num_cpus=1)


def changed(settings: SegmentSettings, **changes) -> SegmentSettings:
    return SegmentSettings(**{**vars(settings), **changes})


def batch_of(*texts: str) -> DocumentBatch:
    return DocumentBatch([Document(str(i), text, "nb", "a", i) for i, text in enumerate(texts)], list(texts))


def find(settings: SegmentSettings, *texts: str) -> dict[int, str]:
    hash = hash_of_held_out(settings)
    write_held_out(settings.output, settings, hash)
    found = held_out_documents(batch_of(*texts), settings, settings.output, hash)
    return {document: file for document, (file, _) in found.items()}


def test_a_whole_job(tmp_path: Path, settings: SegmentSettings, capfd: pytest.CaptureFixture[str]) -> None:
    manifest = run_segment(changed(settings, mask="email"))
    stats = json.loads((tmp_path / "out/corpus_stats.json").read_text())
    assert (manifest.documents, stats["documents"]) == (8, 8)
    assert stats["filtered"]["contaminated"]["documents"] == 2
    assert stats["held_out"] == {
        "a.jsonl": {"texts": 3, "too_short": 2, "documents": 1},
        "b.tsv": {"texts": 2, "too_short": 1, "documents": 1},
    }
    assert stats["masked"] == {"email": {"documents": 0, "places": 0}}
    lines = (tmp_path / "out/filtered/contaminated-00000-of-00001.jsonl").read_text().splitlines()
    assert [(line["id"], line["detail"]) for line in map(json.loads, lines)] == [
        ("3", "a.jsonl: " + " ".join(WORDS[:13]).upper()),
        ("7", "b.tsv: " + " ".join(WORDS[30:43])),
    ]
    assert not (tmp_path / "out/_work").exists()
    out, err = capfd.readouterr()
    assert "masked: 0 email in 0 documents" in out
    assert "3 of 5 texts have fewer than 8 words" in err


@pytest.mark.parametrize("arguments", [["--direct_num_workers=3"], ["--runner=BundleBasedDirectRunner"]])
def test_other_runners_leave_out_the_same(tmp_path: Path, settings: SegmentSettings, arguments: list[str]) -> None:
    masked = changed(settings, mask="email,url,phone,national_id,iban")
    run_segment(masked)
    run_segment(changed(masked, output=str(tmp_path / "other"), max_num_cpus=0), arguments)
    names = sorted(path.relative_to(tmp_path / "out") for path in (tmp_path / "out").rglob("*.[jt]*"))
    assert len(names) == 5
    for name in names:
        if name.name not in ("corpus_stats.json", "config.toml"):  # these tell of the launch
            assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "other" / name).read_bytes()


def test_the_hash_follows_the_texts_and_not_the_folder(tmp_path: Path, settings: SegmentSettings) -> None:
    job, _ = open_job(settings, 0)
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    files = tuple(str((tmp_path / name).rename(moved / name)) for name in ("a.jsonl", "b.tsv"))
    again, _ = open_job(changed(settings, decontaminate=files), 0)
    assert (again.hash, again.reusable) == (job.hash, job.reusable)
    (moved / "b.tsv").write_text(f"{SECOND} {FIRST}\tja\n")
    other, _ = open_job(changed(settings, decontaminate=files), 0)
    assert other.hash != job.hash
    assert other.reusable != job.reusable
    assert open_job(changed(settings, decontaminate=()), 0)[0].held_out == ""


def test_a_list_of_a_program_and_a_sample_of_the_input(tmp_path: Path, settings: SegmentSettings) -> None:
    job, items = open_job(changed(settings, decontaminate=list(settings.decontaminate)), time.time())
    (tmp_path / "measured").mkdir()
    ranges, _, _ = measure_segment(items, job, tmp_path / "measured")
    assert ranges.counts["documents"] == 8


def test_texts_are_cleaned_and_masked_as_the_documents_are(tmp_path: Path, settings: SegmentSettings) -> None:
    text = f"bla\u030a\u00ad {' '.join(WORDS[:6])} kari@example.no {' '.join(WORDS[6:12])}"
    (tmp_path / "a.jsonl").write_text(json.dumps({"text": text}) + "\n")
    masked = changed(settings, mask="email")
    document = f"Før blå {' '.join(WORDS[:6])} <EMAIL> {' '.join(WORDS[6:12])} etter"
    assert find(masked, "Ikke her", document) == {1: "a.jsonl"}
    assert find(settings, document) == {}
    plain = changed(settings, normalize="none")
    (tmp_path / "a.jsonl").write_text(json.dumps({"text": f"bla\u030a {FIRST}"}) + "\n")
    assert find(plain, f"bl\u00e5 {' '.join(WORDS[:12])}", f"bla\u030a {' '.join(WORDS[:12])}") == dict.fromkeys(
        (0, 1), "a.jsonl"
    )


def test_words_and_share_are_settings(settings: SegmentSettings) -> None:
    eight = " ".join(WORDS[:8])
    assert find(changed(settings, decontaminate_words=8), eight, " ".join(WORDS[:7])) == {0: "a.jsonl"}
    assert find(settings, eight) == {}
    quoting = FIRST + " x" * 100
    assert find(settings, quoting) == {0: "a.jsonl"}
    assert find(changed(settings, decontaminate_share=0.2), quoting, FIRST) == {1: "a.jsonl"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "a.jsonl: holds no text, so"),
        ('{"a": "ja"}\n', "a.jsonl: holds no text of 8 or more words"),
        ("{", "a.jsonl: at 0"),
    ],
)
def test_a_file_without_use_is_refused(tmp_path: Path, settings: SegmentSettings, content: str, message: str) -> None:
    (tmp_path / "a.jsonl").write_text(content)
    with pytest.raises(UserError, match=f"^--decontaminate {message}"):
        open_job(settings, 0)
    (tmp_path / "a.jsonl").unlink()
    with pytest.raises(UserError, match=r"^--decontaminate .*a\.jsonl matches no file"):
        open_job(settings, 0)


def test_a_file_that_changes_while_the_job_begins_is_noticed(tmp_path: Path, settings: SegmentSettings) -> None:
    hash = hash_of_held_out(settings)
    (tmp_path / "b.tsv").write_text(f"{FIRST} og mer\tja\n")
    with pytest.raises(UserError, match="changed while it was read; run the command again"):
        write_held_out(settings.output, settings, hash)


def test_a_finished_corpus_of_other_evaluation_files_is_refused(tmp_path: Path, settings: SegmentSettings) -> None:
    run_segment(settings)
    (tmp_path / "b.tsv").write_text(f"{FIRST} og mer\tja\n")
    with pytest.raises(
        UserError, match="made from other input files, or with other --decontaminate files; choose another"
    ):
        run_segment(settings)


def test_the_files_are_read_once_and_the_table_once_a_process(settings: SegmentSettings, monkeypatch) -> None:
    job, items = open_job(settings, time.time())
    monkeypatch.setattr(decontaminate, "evaluation_texts", lambda *_: pytest.fail("read again"))
    write_held_out(job.output, settings, job.held_out)
    lines = write_plan(items, job.output, SEGMENT_STEP)
    assert segment_range(lines[0], job)["counts"]["filtered"] == {"contaminated": 2}
    monkeypatch.setattr(decontaminate.storage, "read_bytes", lambda *_: pytest.fail("loaded again"))
    assert held_out_documents(batch_of(FIRST), settings, job.output, job.held_out) == {
        0: ("a.jsonl", " ".join(WORDS[:13]))
    }
    assert held_out_stats({}, job.output, job.held_out)["held_out"]["b.tsv"]["documents"] == 0


def test_nothing_is_said_or_stored_without_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = SegmentSettings(("in",), str(tmp_path))
    write_held_out(str(tmp_path), settings, hash_of_held_out(settings))
    tell_of_short_texts(settings)
    assert held_out_documents(batch_of("a"), settings, str(tmp_path), "") == {}
    assert held_out_stats({}, str(tmp_path), "") == {}
    assert list(tmp_path.iterdir()) == []
    assert capsys.readouterr() == ("", "")
