import dataclasses
import json
import time
from dataclasses import replace
from pathlib import Path

import pytest

from beam_jobs.documents.read_documents import read_documents
from beam_jobs.errors import UserError
from beam_jobs.inputs.plan_file import write_plan
from beam_jobs.jobs.segment import segment_ranges
from beam_jobs.jobs.segment.finish import finish_sentences
from beam_jobs.jobs.segment.job import SEGMENT_STEP, open_job
from beam_jobs.jobs.segment.judge_batch import Verdict, judge_batch
from beam_jobs.jobs.segment.plan_shards import plan_shards_of_rows
from beam_jobs.jobs.segment.segment_ranges import segment_range
from beam_jobs.jobs.segment.write_filtered import plan_filtered, write_filtered
from beam_jobs.jobs.segment.write_shards import write_sentence_shard
from beam_jobs.settings import SegmentSettings
from beam_jobs.text.normalise import normalise
from beam_jobs.text.segment import segment
from tests.beam_jobs.quality.test_rules import CLEAN


@pytest.fixture
def run(tmp_path):
    """The job without Beam: one item after the other, in the order given."""

    def run_job(output="out", reverse=False, finish=True, **settings):
        settings = SegmentSettings(input=(str(tmp_path / "in"),), output=str(tmp_path / output), **settings)
        job, items = open_job(settings, time.time())
        order = -1 if reverse else 1
        rows = [segment_range(place, job) for place in write_plan(items, job.output, SEGMENT_STEP)[::order]]
        shards = [write_sentence_shard(shard, job) for shard in plan_shards_of_rows(rows, job)[::order]]
        if not finish:
            return job, rows, None
        filtered = [write_filtered(group, job) for group in plan_filtered(rows, job)[::order]]
        finish_sentences(shards, rows, filtered, job)
        return job, rows, json.loads((tmp_path / output / "corpus_stats.json").read_text())

    return run_job


@pytest.fixture
def shorts_are_filtered(monkeypatch):
    """A filter that takes documents of one letter, and those of two for another reason."""

    def judge(batch, job, counts):
        judged = judge_batch(batch, job, counts)
        verdicts = [Verdict("letters_" + str(len(text)), text) if len(text) < 3 else None for text in batch.texts]
        return replace(judged, verdicts=verdicts)

    monkeypatch.setattr(segment_ranges, "judge_batch", judge)


def test_filtered_documents_are_written_and_counted(tmp_path, raw, run, json_line, shorts_are_filtered):
    raw("a.jsonl", b"".join(json_line(text="x" * (i % 4), id=f"d{i}") for i in range(40)))
    raw("b.jsonl", json_line(text="Bare en setning.", lang="nb"))
    _, _, stats = run(max_rejected=0.3)
    assert (stats["documents"], stats["num_rejected"]) == (11, 10)
    assert {reason: entry["documents"] for reason, entry in stats["filtered"].items()} == {
        "letters_1": 10,
        "letters_2": 10,
    }
    assert (stats["sources"]["a.jsonl"]["filtered"], stats["sources"]["b.jsonl"]["filtered"]) == (20, 0)
    lines = (tmp_path / "out/filtered/letters_2-00000-of-00001.jsonl").read_text().splitlines()
    found = [json.loads(line) for line in lines]
    assert [entry["id"] for entry in found] == [f"d{i}" for i in range(2, 40, 4)]
    first = found[0]
    assert sum(entry["size"] for entry in found) == stats["filtered"]["letters_2"]["bytes"]
    line = (tmp_path / "in/a.jsonl").read_bytes()[first["offset"] :][: first["size"]]
    assert json.loads(line)["id"] == "d2"
    assert first["source"] == "a.jsonl"
    assert first["detail"] == "xx"


def test_more_may_be_filtered_than_set_aside(raw, run, json_line, shorts_are_filtered):
    raw("a.jsonl", json_line(text="xxxx") + b"".join(json_line(text="x") for _ in range(9)))
    run()  # 90 %
    with pytest.raises(UserError, match=r"9 of 10 documents \(90.0%\) were filtered out.*--max_filtered 0.8"):
        run("out2", max_filtered=0.8)


def test_an_empty_result_names_the_filter(tmp_path, raw, run, json_line, shorts_are_filtered):
    raw("a.jsonl", b"".join(json_line(text="x") for _ in range(9)))
    with pytest.raises(UserError, match=r"no document is left of .* most of them by letters_1"):
        run(max_filtered=1.0)
    assert (tmp_path / "out/filtered/letters_1-00000-of-00001.jsonl").read_text().count("\n") == 9


@pytest.fixture
def raw(tmp_path):
    def write(name, data):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    return write


def documents_of(folder: Path, pattern="*.txt"):
    """Documents of all shards, as lists of sentences."""
    text = "".join(path.read_text() for path in sorted(folder.glob(pattern)))
    return [document.split("\n") for document in text.split("\n\n")[:-1]]


def test_sentences_of_every_document_come_out(tmp_path, raw, run, json_line):
    texts = [f"Dette er dokument {i}. Det koster 3,50 kr. hos dr. Berg!\nNy linje {i}" for i in range(200)]
    raw("a.jsonl", b"".join(json_line(text=text) for text in texts))
    _, _, stats = run(shard_mb=0.005, language="nb")
    got = documents_of(tmp_path / "out")
    assert sorted(got) == sorted(segment(normalise(text), "nb") for text in texts)
    assert stats["counts"] == {"default": {"num_documents": 200, "num_sentences": sum(map(len, got))}}
    assert stats["num_shards"] == len(list((tmp_path / "out").glob("*.txt"))) >= 3
    assert stats["bytes_in"] == (tmp_path / "in/a.jsonl").stat().st_size
    assert stats["bytes_out"] == sum(path.stat().st_size for path in (tmp_path / "out").glob("*.txt"))
    assert sum(stats["sentence_length_log2"]) == stats["sentences"]


def test_language_of_each_document_or_of_the_corpus(raw, run, json_line, monkeypatch):
    seen = []

    def spy(text, language, line_ends):
        seen.append(language)
        return [text]

    monkeypatch.setattr(segment_ranges, "segment", spy)
    raw("a.jsonl", json_line(text="a", lang="nn") + json_line(text="b") + json_line(text="c", sprog="da"))
    run(shard_mb=1)
    run("out2", shard_mb=1, language_field="sprog")
    run("out3", shard_mb=1, language="de")
    assert seen == ["nn", "", "", "", "", "da", "de", "de", "de"]


def test_normalising_can_be_turned_off(tmp_path, raw, run, json_line):
    raw("a.jsonl", json_line(text="bla\u030a"))
    run("nfc")
    run("none", normalize="none")
    assert documents_of(tmp_path / "nfc") == [["bl\u00e5"]]
    assert documents_of(tmp_path / "none") == [["bla\u030a"]]


def test_splits_by_folder_and_by_hash(tmp_path, raw, run, json_line):
    raw("train/a.txt", b"Trening.")
    raw("dev/b.txt", b"Utvikling.")
    raw("c.jsonl", b"".join(json_line(id=str(i), text=f"Tekst {i}.") for i in range(300)))
    job, _, stats = run(test_fraction=0.5)
    folder = tmp_path / "out"
    assert ["Trening."] in documents_of(folder / "train")
    assert documents_of(folder / "dev") == [["Utvikling."]]
    assert 100 < len(documents_of(folder / "test")) < 200
    assert list(stats["counts"]) == ["dev", "test", "train"]
    assert sum(counts["num_documents"] for counts in stats["counts"].values()) == 302
    _, _, stats = run("plain")
    assert {split: counts["num_documents"] for split, counts in stats["counts"].items()} == {
        "default": 300,
        "dev": 1,
        "train": 1,
    }
    assert job.settings.test_fraction == 0.5


def test_the_split_of_a_folder_comes_before_that_of_a_document(raw, run, monkeypatch):
    def of_another_split(*given):
        return (dataclasses.replace(document, split="dev") for document in read_documents(*given))

    monkeypatch.setattr(segment_ranges, "read_documents", of_another_split)
    raw("test/a.txt", b"En.")
    raw("b.txt", b"To.")
    _, _, stats = run()
    assert {split: counts["num_documents"] for split, counts in stats["counts"].items()} == {"dev": 1, "test": 1}


BAD_LINES = b'{"id": "broken"\n{"id": "m"}\n{"id": "n", "text": null}\n{"id": "e", "text": ""}\n{"id": "z", "text": "\\u0000"}\n'


def test_what_was_set_aside_is_written_and_counted(tmp_path, raw, run, json_line):
    raw("a.jsonl", json_line(text="Godt.") + BAD_LINES)
    raw("b/empty.txt", b"")
    raw("b/c.jsonl.gz", b"\0 no gzip")
    _, _, stats = run(max_rejected=1.0)
    assert stats["rejected"] == {
        "broken_json": 1, "damaged_file": 1, "empty": 1, "empty_file": 1, "no_sentence": 1, "text_missing": 1, "text_null": 1,
    }  # fmt: skip
    assert stats["num_rejected"] == 7
    assert {name: source["rejected"] for name, source in stats["sources"].items()} == {
        "a.jsonl": 5, "b/c.jsonl.gz": 1, "b/empty.txt": 1,
    }  # fmt: skip
    rejected = {path.name: path.read_text() for path in (tmp_path / "out/rejected").iterdir()}
    assert set(rejected) == {f"{reason}.jsonl" for reason in stats["rejected"]}
    line = json.loads(rejected["text_null.jsonl"])
    offset = (tmp_path / "in/a.jsonl").read_bytes().index(b'{"id": "n"')
    assert (line["source"], line["offset"], line["reason"], line["id"]) == ("a.jsonl", offset, "text_null", "n")


def test_too_much_set_aside_fails_at_the_end_and_can_be_accepted(tmp_path, raw, run, json_line):
    raw("a.jsonl", json_line(text="Godt.") * 95 + BAD_LINES)
    message = r"5 of 100 documents \(5.0%\) were set aside \(.*1 broken_json.*\), more than --max_rejected 0.01; see .*rejected"
    with pytest.raises(UserError, match=message):
        run()
    assert not (tmp_path / "out/manifest.json").exists()
    assert len(list((tmp_path / "out/rejected").iterdir())) == 5
    _, _, stats = run(max_rejected=0.06)
    assert stats["documents"] == 95


def test_nothing_kept_is_an_error(raw, run, json_line):
    raw("a.jsonl", json_line(text=""))
    with pytest.raises(UserError, match=r"no document to write from --input .*in: all were set aside \(1 empty\); see"):
        run(max_rejected=1.0)
    raw("a.jsonl", b"\n\n\n")
    with pytest.raises(UserError, match=r"no document to write .*: all were set aside \(1 empty_file\); see"):
        run("out2", max_rejected=1.0)


@pytest.mark.parametrize(
    "text",
    ["ord " * 2_500_000, "." * 1_000_000, "\0\x01\x7f\u0085 tekst \x1b[31m", "Én setning.", "! " * 1_000_000],
    ids=["ten MB without punctuation", "a million dots", "control characters", "one sentence", "exclamations"],
)
def test_strange_documents_are_kept(tmp_path, raw, run, text):
    raw("a.txt", text.encode())
    run()
    (document,) = documents_of(tmp_path / "out")
    kept = "".join("".join(document).split())
    assert kept == "".join(normalise(text).split())


def files_of(folder: Path):
    return {
        p.relative_to(folder).as_posix(): p.read_bytes()
        for p in folder.rglob("*")
        if p.is_file() and "_work" not in p.parts
    }


def test_the_order_of_the_work_does_not_show(tmp_path, raw, run, json_line):
    raw("a.jsonl", BAD_LINES + b"".join(json_line(text=f"Dokument {i}. " * (i % 50 + 1)) for i in range(8_000)))
    raw("b.jsonl", BAD_LINES)
    _, rows, _ = run("one", shard_mb=0.1)
    run("two", reverse=True, shard_mb=0.1)
    assert len(rows) > 1
    one, two = files_of(tmp_path / "one"), files_of(tmp_path / "two")
    stats_one, stats_two = json.loads(one.pop("corpus_stats.json")), json.loads(two.pop("corpus_stats.json"))
    assert one == two
    for key in ("time_taken_min", "output_dir"):
        del stats_one[key], stats_two[key]
    assert json.dumps(stats_one) == json.dumps(stats_two)


def test_an_item_is_done_once_and_again_if_its_file_is_gone(tmp_path, raw, run, monkeypatch):
    raw("a.txt", b"En. To.")
    job, (row,), _ = run(finish=False)
    places = write_plan(open_job(job.settings, 0)[1], job.output, SEGMENT_STEP)
    monkeypatch.setattr(segment_ranges, "segment", lambda text, language, line_ends: ["changed"])
    assert segment_range(places[0], job) == row
    (tmp_path / "out" / row["text"]).write_bytes(b"half")
    assert segment_range(places[0], job)["counts"] != row["counts"]


def test_a_setting_that_does_not_fit_a_file_is_an_error(raw, run):
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"body": ["En."]}), sink)
    raw("a.parquet", sink.getvalue().to_pybytes())
    with pytest.raises(UserError, match="has no column text; name one of body"):
        run()


def test_output_inside_the_input_is_no_input(tmp_path, raw, run):
    raw("a.txt", b"En.")
    raw("out/sentences-00000-of-00001.txt", b"En.\n\n")
    settings = SegmentSettings(input=(str(tmp_path / "in"),), output=str(tmp_path / "in/out"))
    _, (item,) = open_job(settings, 0)
    assert [piece.name for piece in item.pieces] == ["a.txt"]
    with pytest.raises(UserError, match="lies inside --output"):
        open_job(dataclasses.replace(settings, input=(str(tmp_path / "in/out"),)), 0)


@pytest.mark.parametrize("damage", [lambda text: text[:-1], lambda text: text.replace(b"E", b"F"), lambda text: b""])
def test_a_text_damaged_after_it_was_written_is_noticed_and_made_again(tmp_path, raw, run, damage):
    raw("a.txt", b"En.")
    job, (row,), _ = run(finish=False)
    (shard,) = plan_shards_of_rows([row], job)
    (tmp_path / "out/_work/sentences").rename(tmp_path / "elsewhere")
    text = tmp_path / "out" / row["text"]
    text.write_bytes(damage(text.read_bytes()))
    with pytest.raises(UserError, match=r"was damaged after it had been written.*the same command makes it again"):
        write_sentence_shard(shard, job)
    _, (again,), _ = run(finish=False)
    assert again == row
    assert text.read_bytes() == b"En.\n\n"


def test_the_texts_are_removed_with_the_last_shard_and_a_call_after_that_reads_nothing_again(
    run, raw, tmp_path, json_line, monkeypatch
):
    raw("a.jsonl", b"".join(json_line(text=f"Dette er dokument {i}.") for i in range(9)))
    job, rows, _ = run()
    assert not (tmp_path / "out" / "_work" / "texts").exists()
    (place,) = write_plan(open_job(job.settings, job.started)[1], job.output, SEGMENT_STEP)
    monkeypatch.setattr(segment_ranges, "segment", lambda text, language, line_ends: pytest.fail("read again"))
    assert segment_range(place, job) == rows[0]


def test_a_pair_is_a_document_of_two_lines_that_are_not_cut(tmp_path, raw, run, json_line):
    pairs = [("Adds two. Or three.", "def add(a, b):\n    # Sum. It is.\n\treturn a + b"), ("x", " y\u2028z ")]
    raw("a.jsonl", b"".join(json_line(text=text, code=code) for text, code in pairs))
    _, _, stats = run(pair_field="code")
    assert documents_of(tmp_path / "out") == [
        ["Adds two. Or three.", "def add(a, b): # Sum. It is. return a + b"],
        ["x", "y z"],
    ]
    assert stats["counts"] == {"default": {"num_documents": 2, "num_sentences": 4}}
    assert not stats["num_rejected"]


def test_what_is_no_pair_is_set_aside_with_the_reason(raw, run, json_line):
    raw("a.jsonl", json_line(text="a", code="b") + json_line(text="a", code=" \u00ad") + json_line(text="a"))
    raw("b.txt", b"a text without fields")
    _, _, stats = run(pair_field="code", max_rejected=1.0)
    assert stats["rejected"] == {"no_sentence": 1, "pair_missing": 2}
    assert stats["documents"] == 1


def test_rules_of_quality_filter_and_every_document_is_accounted_for(tmp_path, raw, run, json_line):
    short, braces = "Det er kort. Og bra. Og fint. Og nytt. Og rart.", CLEAN + "Her er {}."
    texts = [CLEAN, short, braces, "Hele linjen er her. " * 12, ""]
    raw("a.jsonl", b"".join(json_line(text=text, lang="nb") for text in texts))
    _, _, none = run("none", max_rejected=0.5)
    assert (none["documents"], none["filtered"]) == (4, {})
    assert {rule: count for rule, count in none["quality_would_drop"].items() if count} == {
        "c4_braces": 1,
        "gopher_few_words": 2,
        "gopher_stop_words": 1,
    }
    _, _, off = run("off", max_rejected=0.5, quality="off")
    assert "quality_would_drop" not in off
    shards = [[path.read_bytes() for path in sorted((tmp_path / out).glob("*.txt"))] for out in ("off", "none")]
    assert shards[0] == shards[1] != []
    _, _, web = run("web", max_rejected=0.5, quality="web", drop=("gopher_few_words=40",))
    assert {reason: entry["documents"] for reason, entry in web["filtered"].items()}.keys() >= {
        "quality_c4_braces",
        "quality_gopher_few_words",
    }
    taken = sum(entry["documents"] for entry in web["filtered"].values())
    assert web["documents"] + web["num_rejected"] + taken == len(texts)
    assert web["documents"] == 1
