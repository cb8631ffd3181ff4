"""The segment job with `--duplicates` on Beam's local runners: what is left out, what is told, and the same bytes always."""

import json
import os
import random
import subprocess
import sys
import textwrap
from collections import Counter
from pathlib import Path

import apache_beam as beam
import numpy as np
import pytest
from apache_beam.pvalue import AsSingleton

from beam_jobs import storage
from beam_jobs.duplicates.band_keys import band_keys
from beam_jobs.duplicates.document_keys import document_keys
from beam_jobs.duplicates.near_pairs import near_pairs
from beam_jobs.errors import UserError
from beam_jobs.execution.run_pipeline import pipeline_options
from beam_jobs.inputs import plan_ranges
from beam_jobs.inputs.plan_file import write_plan
from beam_jobs.jobs.segment import pipeline
from beam_jobs.jobs.segment.job import SEGMENT_STEP, open_job
from beam_jobs.jobs.segment.pipeline import SegmentCorpus, close_segment, prepare_segment, run_segment
from beam_jobs.settings import SegmentSettings
from tests.beam_jobs.duplicates.planted import documents, edited

ROOT = Path(__file__).parents[4]
_NEAR = {"duplicates": "near", "max_rejected": 1.0}
_LAUNCH_KEYS = ("time_taken_min", "output_dir", "data_dir", "max_num_cpus")


@pytest.fixture(scope="module", autouse=True)
def small_ranges():
    """Ranges of 32 KiB, so that the small corpora of these tests are keyed in many calls."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plan_ranges, "_MIN_RANGE", 1 << 15)
        yield


def sentences_of(text: str) -> str:
    """Words as sentences of about ten, so that documents have many."""
    words = text.split(" ")
    return " ".join(" ".join(words[i : i + 10]).capitalize() + "." for i in range(0, len(words), 10))


@pytest.fixture(scope="module")
def raw(tmp_path_factory) -> Path:
    """Documents in three files, of which more than half are copies of others, one of them in a held-out folder."""
    folder = tmp_path_factory.mktemp("raw")
    draws = random.Random(21)
    texts = documents(150, draws, 20, 150)
    texts += [edited(text, draws.choice((0.02, 0.05)), draws) for text in texts[:100]]
    texts += [text.upper() for text in texts[50:120]] + [texts[0]] * 20
    lines = [
        {"id": f"d{i}", "lang": draws.choice(("nb", "nn", "xx", "")), "text": sentences_of(text)}
        for i, text in enumerate(texts)
    ]
    draws.shuffle(lines)
    lines.insert(10, {"id": "empty", "text": "  "})
    for name, part in (("a.jsonl", lines[:150]), ("b.jsonl", lines[150:290]), ("test/c.jsonl", lines[290:])):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("".join(json.dumps(line) + "\n" for line in part))
    return folder


def settings_for(raw: Path, output: Path, mode: str = "near", **more) -> SegmentSettings:
    usual = {"shard_mb": 0.02, "dev_fraction": 0.2, "max_rejected": 1.0}
    return SegmentSettings(input=(str(raw),), output=str(output), duplicates=mode, **{**usual, **more})


def files_of(output: Path) -> dict[str, object]:
    files: dict[str, object] = {
        path.relative_to(output).as_posix(): path.read_bytes() for path in output.rglob("*") if path.is_file()
    }
    files["config.toml"] = b""  # it names the output
    stats = json.loads(files["corpus_stats.json"])
    return {**files, "corpus_stats.json": {key: value for key, value in stats.items() if key not in _LAUNCH_KEYS}}


def told(output: Path) -> list[dict]:
    files = sorted((output / "filtered").glob("*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text().splitlines()]


def documents_in(output: Path, split: str) -> list[str]:
    folder = output if split == "default" else output / split
    texts = [path.read_text() for path in sorted(folder.glob("sentences-*.txt"))]
    return [document for text in texts for document in text.split("\n\n")[:-1]]


@pytest.fixture(scope="module")
def near(raw, tmp_path_factory) -> Path:
    """What an undisturbed run makes."""
    output = tmp_path_factory.mktemp("near") / "out"
    run_segment(settings_for(raw, output))
    return output


def test_a_corpus_without_its_duplicates_is_the_corpus_of_the_documents_that_are_kept(raw, near, tmp_path):
    """Documents, splits, statistics: as if the removed documents had never been there."""
    removed = {line["id"] for line in told(near)}
    assert len(removed) > 150
    for path in raw.rglob("*.jsonl"):
        kept = [line for line in path.read_text().splitlines() if json.loads(line)["id"] not in removed]
        (tmp_path / "raw" / path.relative_to(raw)).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "raw" / path.relative_to(raw)).write_text("\n".join(kept) + "\n")
    run_segment(settings_for(tmp_path / "raw", tmp_path / "out", "off"))
    for split in ("train", "dev", "test"):
        assert Counter(documents_in(near, split)) == Counter(documents_in(tmp_path / "out", split))
    stats, plain = (json.loads((folder / "corpus_stats.json").read_text()) for folder in (near, tmp_path / "out"))
    for name in ("counts", "documents", "sentences", "bytes_out", "sentence_length_log2", "num_rejected"):
        assert stats[name] == plain[name], name
    assert stats["documents_without_language_rules"] == plain["documents_without_language_rules"]
    for source, counts in stats["sources"].items():
        assert {name: counts[name] for name in ("documents", "sentences", "bytes_out")} == {
            name: plain["sources"][source][name] for name in ("documents", "sentences", "bytes_out")
        }


def test_every_document_is_kept_rejected_or_filtered_and_the_kept_ones_of_copies_are_there(raw, near):
    stats, lines = json.loads((near / "corpus_stats.json").read_text()), told(near)
    read = sum(len(path.read_text().splitlines()) for path in raw.rglob("*.jsonl"))
    assert read == stats["documents"] + stats["num_rejected"] + len(lines) == 341
    assert {reason: entry["documents"] for reason, entry in stats["filtered"].items()} == Counter(
        line["reason"] for line in lines
    )
    found = stats["duplicates"]
    assert (found["exact"], found["near"]) == tuple(
        stats["filtered"][f"duplicate_{kind}"]["documents"] for kind in ("exact", "near")
    )
    assert found["groups"] == len({line["kept_id"] for line in lines})
    assert found["largest_group"] == max(Counter(line["kept_id"] for line in lines).values()) + 1
    assert sum(count for *_, count in found["by_source"]) == len(lines)
    assert not {line["id"] for line in lines} & {line["kept_id"] for line in lines}
    originals = {
        record["id"]: (path.relative_to(raw).as_posix(), record["text"])
        for path in raw.rglob("*.jsonl")
        for record in map(json.loads, path.read_text().splitlines())
    }
    in_output = Counter(
        " ".join(d.split("\n")) for split in ("train", "dev", "test") for d in documents_in(near, split)
    )
    for line in lines:
        assert line["source"] == originals[line["id"]][0]
        source, text = originals[line["kept_id"]]
        assert line["kept_source"] == source
        assert in_output[text] == 1
        with (raw / source).open("rb") as file:
            file.seek(line["kept_offset"])
            assert json.loads(file.readline())["id"] == line["kept_id"]
        assert (line["shared_bands"] > 0) == (line["reason"] == "duplicate_near")


def test_no_verified_pair_crosses_splits(near):
    texts, splits = [], []
    for split in ("train", "dev", "test"):
        found = documents_in(near, split)
        texts += found
        splits += [split] * len(found)
    assert {split: splits.count(split) > 10 for split in set(splits)} == {"train": True, "dev": True, "test": True}
    keys = document_keys(texts)
    pairs = near_pairs(band_keys(keys.signatures, keys.words), np.arange(len(texts)))
    assert not [p for p in zip(pairs.earlier, pairs.later, strict=True) if splits[p[0]] != splits[p[1]]]


@pytest.mark.parametrize(
    "beam_arguments",
    [
        ["--direct_num_workers=7", "--direct_running_mode=multi_threading"],
        ["--runner=BundleBasedDirectRunner"],
        ["--direct_runner_bundle_repeat=1"],
    ],
    ids=" ".join,
)
def test_same_bytes_on_every_runner(raw, near, tmp_path, beam_arguments):
    run_segment(settings_for(raw, tmp_path / "out"), beam_arguments)
    assert files_of(tmp_path / "out") == files_of(near)


def test_same_bytes_in_object_stores(raw, near, bucket):
    for path in raw.rglob("*.jsonl"):
        storage.write_atomically(f"{bucket}/copies/raw/{path.relative_to(raw).as_posix()}", path.read_bytes())
    output = f"{bucket}/copies/sentences"
    run_segment(SegmentSettings((f"{bucket}/copies/raw",), output, shard_mb=0.02, dev_fraction=0.2, **_NEAR))
    expected = files_of(near)
    assert storage.list_folder(output) == sorted(expected)
    for name in set(expected) - {"corpus_stats.json", "config.toml"}:
        assert storage.read_bytes(f"{output}/{name}") == expected[name], name


def test_same_bytes_of_two_processes(raw, near, tmp_path):
    run_segment(settings_for(raw, tmp_path / "out"), ["--direct_num_workers=2"])
    assert files_of(tmp_path / "out") == files_of(near)


@pytest.mark.parametrize("mode", ["off", "count", "near"])
def test_a_template_whose_settings_come_later_gives_the_same(raw, tmp_path, mode):
    """There all rounds are steps, and those that are not wanted have nothing to do."""
    run_segment(settings_for(raw, tmp_path / "out", mode))
    job, items = open_job(settings_for(raw, tmp_path / "later", mode), 0.0)
    prepare_segment(job, items)
    with beam.Pipeline(options=pipeline_options([])) as steps:
        jobs = steps | "job" >> beam.Create([job])
        folder = steps | "folder" >> beam.Create([job.output])
        lines = steps | "lines" >> beam.Create(write_plan(items, job.output, SEGMENT_STEP))
        _ = lines | SegmentCorpus(AsSingleton(jobs), AsSingleton(folder))
    close_segment(job)
    assert files_of(tmp_path / "later") == files_of(tmp_path / "out")
    if mode in ("off", "count"):
        assert not (tmp_path / "out" / "filtered").exists()


def test_counted_by_default_and_the_last_line_says_what_removes_them(raw, tmp_path, capsys):
    settings = SegmentSettings(input=(str(raw),), output=str(tmp_path / "out"))
    assert settings.duplicates == "count"
    run_segment(settings)
    line = capsys.readouterr().out.splitlines()[-2]
    assert "of 340 documents" in line
    assert "--duplicates exact" in line
    stats = json.loads((tmp_path / "out/corpus_stats.json").read_text())["duplicates"]
    run_segment(settings_for(raw, tmp_path / "exact", "exact"))
    removed = json.loads((tmp_path / "exact/corpus_stats.json").read_text())["duplicates"]
    assert stats["exact"] == removed["exact"] == len(told(tmp_path / "exact")) >= 90
    assert line.startswith(f"{stats['exact']} of")


def test_a_corpus_of_60_percent_duplicates_ends_well_and_one_of_more_than_the_limit_does_not(tmp_path, capsys):
    texts = documents(40, random.Random(1), 20, 30)
    lines = [
        json.dumps({"id": f"{n}.{i}", "lang": "nb", "text": text}) for n in range(5) for i, text in enumerate(texts)
    ]
    (tmp_path / "raw.jsonl").write_text("\n".join(lines[:100]) + "\n")
    run_segment(settings_for(tmp_path / "raw.jsonl", tmp_path / "out"))
    assert "duplicates: 60 documents (60.0%; 60 exact, 0 near), copies of 40 that stay" in capsys.readouterr().out
    (tmp_path / "raw.jsonl").write_text("\n".join(lines) + "\n")
    reason = r"160 of 200 documents \(80\.0%\) were filtered out, most of them by duplicate_exact"
    with pytest.raises(UserError, match=reason):
        run_segment(settings_for(tmp_path / "raw.jsonl", tmp_path / "out2", max_filtered=0.7))


def test_a_run_that_a_version_without_duplicates_began_is_finished(raw, tmp_path, monkeypatch):
    """Its ranges have no keys, so they are segmented again."""
    run_segment(settings_for(raw, tmp_path / "expected", "count"))

    def without_keys(*_: object) -> list:
        finished = list((tmp_path / "out/_work/segment").glob("*.json"))
        assert len(finished) > 4
        for path in finished:
            row = json.loads(path.read_text())
            del row["keys"]
            path.write_text(json.dumps(row))
        raise RuntimeError("the machine is gone")

    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "plan_shards_of_rows", without_keys)
        with pytest.raises(Exception, match="the machine is gone"):
            run_segment(settings_for(raw, tmp_path / "out", "count"))
    run_segment(settings_for(raw, tmp_path / "out", "count"))
    assert files_of(tmp_path / "out") == files_of(tmp_path / "expected")


ROUNDS = ("plan", "copies", "links", "pairs", "choice", "kept", "removed")

_KILLED_AND_RESUMED = """
    import os, signal, sys
    from pathlib import Path
    from beam_jobs.jobs.segment.duplicate_rounds import choice, copies, kept, links, pairs, plan, removed
    from beam_jobs.inputs import plan_ranges
    from beam_jobs.jobs.segment.pipeline import run_segment
    from beam_jobs.settings import SegmentSettings

    plan_ranges._MIN_RANGE = 1 << 15
    raw, output, *rounds = sys.argv[1:]
    works = {"plan": (plan, "_write"), "copies": (copies, "_find"), "links": (links, "_link"), "pairs": (pairs, "_count")}
    works |= {"choice": (choice, "_write_removed"), "kept": (kept, "write_section"), "removed": (removed, "_write_runs")}

    def run(output):
        settings = dict(shard_mb=0.02, dev_fraction=0.2, max_rejected=1.0, duplicates="near")
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
            real, calls = getattr(module, function), []
            def dies(*arguments):
                calls.append(arguments)
                if len(calls) == (3 if name == "links" else 1):
                    os.kill(os.getpid(), signal.SIGKILL)
                return real(*arguments)
            setattr(module, function, dies)
            run(output)

        assert os.WTERMSIG(in_child(killed)) == signal.SIGKILL, name
        assert Path(output, "_work/run.json").exists() and not Path(output, "manifest.json").exists(), name
    assert in_child(lambda: run(output)) == 0
"""


def test_killed_in_each_round_and_resumed(raw, near, tmp_path):
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
    assert files_of(tmp_path / "out") == files_of(near)
