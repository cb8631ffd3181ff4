"""The segment job with `--contained` and `--repeated_lines` on Beam's local runners: what leaves, what is told, and the same bytes always."""

import json
import os
import random
import subprocess
import sys
import textwrap
from collections import Counter
from pathlib import Path

import apache_beam as beam
import pytest
from apache_beam.pvalue import AsSingleton

from beam_jobs.errors import UserError
from beam_jobs.execution.run_pipeline import pipeline_options
from beam_jobs.inputs.plan_file import write_plan
from beam_jobs.jobs.segment.job import SEGMENT_STEP, open_job
from beam_jobs.jobs.segment.pipeline import SegmentCorpus, close_segment, prepare_segment, run_segment
from beam_jobs.settings import SegmentSettings
from tests.beam_jobs.duplicates.planted import documents, edited
from tests.beam_jobs.jobs.segment.line_rounds.small_corpus import (
    SPLITS,
    expected,
    expected_contained,
    in_small_pieces,
    write_raw,
)
from tests.beam_jobs.jobs.segment.test_duplicates_of_a_corpus import ROOT, documents_in, files_of, told

MENU = [
    "Forsiden",
    "Nyheter - sport - kultur",
    "© Avisen 2019. Alle rettigheter. Les mer om oss.",
    "***",
    "次の記事",
    "12. mai 2020",
]


def page(draws: random.Random) -> str:
    """Lines of their own between lines of a menu, some of them several times, and empty lines."""
    lines = [line.capitalize() + "." for line in documents(draws.randrange(4), draws, 2, 15)]
    lines += [draws.choice(MENU).replace("2019", str(draws.randrange(1990, 2030))) for _ in range(draws.randrange(3))]
    lines += [f"Side {draws.randrange(10, 99)} AV {draws.randrange(10, 99)}", ""] * draws.randrange(3)
    draws.shuffle(lines)
    return "\n".join(lines) or "Bare denne."


@pytest.fixture(scope="module")
def pages() -> tuple[dict[str, str], dict[str, str]]:
    """Texts and splits of a thousand pages, some of which are copies or nearly so."""
    draws = random.Random(31)
    texts = [page(draws) for _ in range(640)]
    long = ["\n".join(documents(5, draws, 10, 30)) for _ in range(100)]
    texts += [f"{line}\n{draws.choice(MENU)}" for text in long[:60] for line in text.split("\n")[:1]]
    texts += long + [edited(text, 0.02, draws).replace("  ", "\n") for text in long] + draws.sample(long, 100)
    draws.shuffle(texts)
    ids = [f"d{i}" for i in range(len(texts))]
    return dict(zip(ids, texts, strict=True)), {id: draws.choice((*SPLITS, "train")) for id in ids}


@pytest.fixture(scope="module")
def raw(pages, tmp_path_factory) -> Path:
    texts, splits = pages
    return write_raw(tmp_path_factory.mktemp("raw"), list(texts.values()), list(splits.values()))


def settings_for(raw: Path, output: Path, **more: object) -> SegmentSettings:
    usual: dict[str, object] = {"shard_mb": 0.02, "max_rejected": 1.0, "duplicates": "near"}
    usual |= {"repeated_lines": 4, "contained": 0.7}
    return SegmentSettings(input=(str(raw),), output=str(output), **{**usual, **more})


@pytest.fixture(scope="module")
def plain(raw, tmp_path_factory) -> Path:
    """What an undisturbed run makes."""
    output = tmp_path_factory.mktemp("plain") / "out"
    run_segment(settings_for(raw, output))
    return output


@pytest.mark.parametrize(
    ("least", "keep", "duplicates", "share"),
    [(4, "none", "near", 0.7), (3, "longest", "off", 0.0), (10, "longest", "exact", 0.5), (0, "none", "count", 0.6)],
    ids=str,
)
def test_a_plain_oracle_agrees_on_1000_documents(pages, raw, tmp_path, monkeypatch, least, keep, duplicates, share):
    in_small_pieces(monkeypatch)
    output = tmp_path / "out"
    more = {"repeated_lines": least, "repeated_lines_keep": keep, "duplicates": duplicates, "contained": share}
    run_segment(settings_for(raw, output, **more))
    lines = told(output)
    copies = {line["id"] for line in lines if line["reason"].startswith("duplicate")}
    assert bool(copies) == (duplicates in ("near", "exact"))
    order = [id for split in sorted(SPLITS) for id in pages[0] if pages[1][id] == split and id not in copies]
    texts = {id: pages[0][id] for id in order}
    contained = expected_contained(texts, pages[1], share) if share else {}
    assert {line["id"]: line["kept_id"] for line in lines if line["reason"] == "contained"} == contained
    assert bool(contained) == (share > 0)
    left, lost = expected({id: text for id, text in texts.items() if id not in contained}, pages[1], least, keep)
    for split in SPLITS:
        kept = ["\n".join(sentences) for id, sentences in left.items() if sentences and pages[1][id] == split]
        assert Counter(documents_in(output, split)) == Counter(kept)
    emptied = sorted(line["id"] for line in lines if line["reason"] == "only_repeated_lines")
    assert emptied == sorted(id for id, sentences in left.items() if not sentences)
    assert len(emptied) > (5 if 0 < least < 10 else -1)
    stats = json.loads((output / "corpus_stats.json").read_text())
    if least:
        assert stats["repeated_lines_left_out"]["lines"] == lost.total() > 50
        assert stats["repeated_lines_left_out"]["forms"] == len(lost) > 5
    assert stats["documents"] + len(lines) == len(pages[0])
    assert stats["sentences"] == sum(map(len, left.values()))
    assert sum(stats["sentence_length_log2"]) == stats["sentences"]
    shards = list(output.rglob("sentences-*.txt"))
    assert stats["bytes_out"] == sum(path.stat().st_size for path in shards)
    assert stats["bytes_out"] == sum(source["bytes_out"] for source in stats["sources"].values())
    assert stats["sentences"] == sum(source["sentences"] for source in stats["sources"].values())
    assert sum(source.get("filtered", 0) for source in stats["sources"].values()) == len(lines)
    assert sum(counts["num_documents"] for counts in stats["counts"].values()) == stats["documents"]


def test_the_lines_are_told(raw, plain, tmp_path, capsys):
    run_segment(settings_for(raw, tmp_path / "out"))
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("repeated lines")]
    stats = json.loads((plain / "corpus_stats.json").read_text())["repeated_lines_left_out"]
    text, documents = stats["most_frequent"][0]
    assert line.startswith(f"repeated lines: {stats['lines']:,} left out of {stats['documents']:,} documents (")
    assert line.endswith(f"most often {text!r}, which stood in {documents} documents")
    assert text.startswith("Side ")
    assert len(stats["most_frequent"]) == min(stats["forms"], 20)
    counts = [count for _, count in stats["most_frequent"]]
    assert counts == sorted(counts, reverse=True)


def test_without_repeated_lines_nothing_is_said_and_the_bytes_are_those_without_the_option(raw, tmp_path, capsys):
    run_segment(settings_for(raw, tmp_path / "out", repeated_lines=10_000, contained=0.0))
    assert "repeated lines: none is left out" in capsys.readouterr().out
    run_segment(settings_for(raw, tmp_path / "off", repeated_lines=0, contained=0.0))
    assert "repeated lines" not in capsys.readouterr().out
    with_option, without = files_of(tmp_path / "out"), files_of(tmp_path / "off")
    assert with_option["corpus_stats.json"]["repeated_lines_left_out"]["lines"] == 0
    assert "repeated_lines_left_out" not in without["corpus_stats.json"]
    sentences = {name for name in without if name.endswith((".txt", ".jsonl"))}
    assert {name: with_option.get(name) for name in sentences} == {name: without[name] for name in sentences}


@pytest.mark.parametrize(
    "beam_arguments",
    [
        ["--direct_num_workers=7", "--direct_running_mode=multi_threading"],
        ["--runner=BundleBasedDirectRunner"],
        ["--direct_runner_bundle_repeat=1"],
        ["--direct_num_workers=2"],
    ],
    ids=" ".join,
)
def test_same_bytes_on_every_runner(raw, plain, tmp_path, beam_arguments):
    run_segment(settings_for(raw, tmp_path / "out"), beam_arguments)
    assert files_of(tmp_path / "out") == files_of(plain)


def test_pieces_of_any_size_give_the_same_bytes(raw, plain, tmp_path, monkeypatch):
    in_small_pieces(monkeypatch)
    run_segment(settings_for(raw, tmp_path / "out"))
    assert files_of(tmp_path / "out") == files_of(plain)


@pytest.mark.parametrize(("lines", "share"), [(0, 0.0), (4, 0.7)], ids=["off", "on"])
def test_a_template_whose_settings_come_later_gives_the_same(raw, tmp_path, lines, share):
    more = {"repeated_lines": lines, "contained": share, "duplicates": "exact"}
    run_segment(settings_for(raw, tmp_path / "out", **more))
    job, items = open_job(settings_for(raw, tmp_path / "later", **more), 0.0)
    prepare_segment(job, items)
    with beam.Pipeline(options=pipeline_options([])) as steps:
        jobs = steps | "job" >> beam.Create([job])
        folder = steps | "folder" >> beam.Create([job.output])
        plan = steps | "lines" >> beam.Create(write_plan(items, job.output, SEGMENT_STEP))
        _ = plan | SegmentCorpus(AsSingleton(jobs), AsSingleton(folder))
    close_segment(job)
    assert files_of(tmp_path / "later") == files_of(tmp_path / "out")


def test_a_corpus_of_nothing_but_repeated_lines_is_an_error_that_says_so(tmp_path):
    raw = write_raw(tmp_path / "raw", ["Forsiden\nLes mer"] * 5)
    reason = r"no document is left .* most of them by only_repeated_lines"
    with pytest.raises(UserError, match=reason):
        run_segment(settings_for(raw, tmp_path / "out", duplicates="off"))


ROUNDS = ("plan", "left_out", "shared", "contained", "holders", "forms", "gather", "cut")

_KILLED_AND_RESUMED = """
    import os, signal, sys
    from pathlib import Path
    from beam_jobs.jobs.segment.line_rounds import contained, cut, forms, gather, holders, left_out, plan, shared
    from beam_jobs.jobs.segment.pipeline import run_segment
    from beam_jobs.settings import SegmentSettings

    raw, output, *rounds = sys.argv[1:]
    works = {"plan": (plan, "write_round_plan"), "left_out": (left_out, "read_choice"), "forms": (forms, "count_lines")}
    works |= {"shared": (shared, "write_cut"), "contained": (contained, "write_cut"), "holders": (holders, "write_kept")}
    works |= {"gather": (gather, "texts_of_forms"), "cut": (cut, "write_section")}

    def run(output):
        settings = dict(shard_mb=0.02, max_rejected=1.0, duplicates="near", repeated_lines=4, contained=0.7)
        run_segment(SegmentSettings(input=(raw,), output=output, **settings))

    def in_child(work):
        child = os.fork()
        if not child:
            code = 1
            try:
                work()
                code = 0
            finally:
                os._exit(code)
        return os.waitpid(child, 0)[1]

    for name in rounds:

        def killed():
            module, function = works[name]
            def dies(*arguments):
                os.kill(os.getpid(), signal.SIGKILL)
            setattr(module, function, dies)
            run(output)

        assert os.WTERMSIG(in_child(killed)) == signal.SIGKILL, name
        assert Path(output, "_work/run.json").exists() and not Path(output, "manifest.json").exists(), name
    assert in_child(lambda: run(output)) == 0
"""


def test_killed_in_each_round_and_resumed(raw, plain, tmp_path):
    """By SIGKILL, in the middle of a call; the resumed run is killed in the next round. All are forks of one process."""
    script = textwrap.dedent(_KILLED_AND_RESUMED)
    done = subprocess.run(
        [sys.executable, "-c", script, str(raw), str(tmp_path / "out"), *ROUNDS],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert files_of(tmp_path / "out") == files_of(plain)
