import json

import pytest

from beam_jobs.jobs.segment.filters import dehyphenate
from beam_jobs.jobs.segment.filters.dehyphenate import dehyphenated_lines, write_word_counts
from beam_jobs.jobs.segment.job import open_job
from beam_jobs.jobs.segment.pipeline import run_segment
from beam_jobs.settings import SegmentSettings


@pytest.fixture
def raw(tmp_path):
    texts = [
        "Vi takker for opp-\nmerksomheten, og sender e-\npost til nord- og sørlige kommuner.",
        "Stor opp- merksomhet!",
        *["Oppmerksomhet, oppmerksomheten, e-post og post. Nord er fint, sørlige kommuner er bra."] * 3,
    ]
    folder = tmp_path / "raw"
    folder.mkdir()
    for name in ("a", "b"):
        rows = [{"id": f"{name}{i}", "text": text} for i, text in enumerate(texts)]
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


def settings_for(raw, output, mode="all", **changes):
    return SegmentSettings((str(raw),), str(output), dehyphenate=mode, duplicates="off", max_num_cpus=1, **changes)


def sentences(folder):
    return "".join(path.read_text() for path in sorted(folder.rglob("sentences-*.txt")))


@pytest.mark.parametrize(
    ("mode", "counts"),
    [("line_ends", {"joined": 2, "hyphenated": 2, "kept": 0}), ("all", {"joined": 4, "hyphenated": 2, "kept": 2})],
    ids=["line_ends", "all"],
)
def test_a_corpus_is_mended_by_its_own_words(raw, tmp_path, capsys, mode, counts):
    run_segment(settings_for(raw, tmp_path / "out", mode))
    text = sentences(tmp_path / "out")
    assert text.count("Vi takker for oppmerksomheten, og sender e-post til nord- og sørlige kommuner.\n") == 2
    assert text.count("Stor oppmerksomhet!") == 2 * (mode == "all")
    stats = json.loads((tmp_path / "out" / "corpus_stats.json").read_text())
    assert stats["dehyphenated"] == counts
    printed = capsys.readouterr()
    assert dehyphenated_lines(stats)[0] in printed.out
    assert "--dehyphenate: counts the words of 0.0 MB" in printed.err
    assert not (tmp_path / "out" / "_work").exists()


def test_nothing_is_mended_unasked(raw, tmp_path):
    run_segment(settings_for(raw, tmp_path / "out", "off"))
    assert "e-\npost til nord- og" in sentences(tmp_path / "out")
    assert "dehyphenated" not in json.loads((tmp_path / "out" / "corpus_stats.json").read_text())
    assert dehyphenated_lines({}) == []


def test_two_processes_write_the_same_bytes(raw, tmp_path):
    run_segment(settings_for(raw, tmp_path / "one"))
    run_segment(settings_for(raw, tmp_path / "two"), ["--direct_num_workers=2"])
    assert sentences(tmp_path / "one") == sentences(tmp_path / "two")


def test_a_launch_that_goes_on_counts_no_second_time(raw, tmp_path, monkeypatch):
    job, items = open_job(settings_for(raw, tmp_path / "out"), 0.0)
    write_word_counts(job, items)
    monkeypatch.setattr(dehyphenate, "_count", lambda *_: pytest.fail("counted again"))
    write_word_counts(job, items)
    (tmp_path / "out" / "_work" / "words" / f"{job.reusable[1]}.bin").unlink()
    with pytest.raises(pytest.fail.Exception):
        write_word_counts(job, items)


def test_of_a_huge_item_only_its_share_is_counted(raw, tmp_path, monkeypatch):
    monkeypatch.setattr(dehyphenate, "_MORE", 0)
    job, items = open_job(settings_for(raw, tmp_path / "out", dehyphenate_sample_mb=0.0001), 0.0)
    assert [*dehyphenate._texts(items[0], job.settings, 1)] != [*dehyphenate._texts(items[0], job.settings, 0)]
