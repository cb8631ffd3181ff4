"""The segment job on Beam's local runners: same bytes however it is run, interrupted or resumed."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from pydoc_data.topics import topics

import pytest

from beam_jobs import storage
from beam_jobs.errors import UserError
from beam_jobs.jobs.segment import segment_ranges, write_shards
from beam_jobs.jobs.segment.pipeline import run_segment
from beam_jobs.settings import SegmentSettings

SHARD_MB = 0.2
_LAUNCH_KEYS = ("time_taken_min", "output_dir", "max_num_cpus", "run_name")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """A few MB of the language reference in three formats, some of it broken."""
    folder = tmp_path_factory.mktemp("corpus")
    texts = [f"{name}\n{text}" for name, text in sorted(topics.items())]
    lines = [json.dumps({"id": str(i), "text": text}).encode() + b"\n" for i, text in enumerate(texts * 4)]
    (folder / "a.jsonl").write_bytes(b"".join([*lines[:50], b'{"broken\n', *lines[50:]]))
    (folder / "dev").mkdir()
    (folder / "dev/b.txt").write_text(texts[0])
    (folder / "dev/c.txt").write_text(texts[1])
    return folder


@pytest.fixture(scope="module")
def expected(corpus, tmp_path_factory):
    """What an undisturbed run writes."""
    output = tmp_path_factory.mktemp("expected") / "out"
    run_segment(settings(corpus, output))
    return files_of(output)


def settings(corpus, output, **more):
    return SegmentSettings(input=(str(corpus),), output=str(output), shard_mb=SHARD_MB, **more)


def files_of(output: Path):
    """Every file of a finished folder; of the statistics what does not tell of the launch."""
    files = {path.relative_to(output).as_posix(): path.read_bytes() for path in output.rglob("*") if path.is_file()}
    assert f'output = "{output}"' in files["config.toml"].decode()
    files["config.toml"] = b""  # it tells of the launch: output, processes
    stats = json.loads(files.pop("corpus_stats.json"))
    for key in _LAUNCH_KEYS:
        del stats[key]
    return {**files, "corpus_stats.json": json.dumps(stats)}


def final_files(output: Path):
    return {p.relative_to(output).as_posix(): p for p in output.rglob("sentences-*.txt") if "_work" not in p.parts}


def test_what_lies_in_the_folder(expected):
    shards = [name for name in expected if name.endswith(".txt")]
    assert {"manifest.json", "corpus_stats.json", "config.toml", "rejected/broken_json.jsonl", *shards} == set(expected)
    assert any(name.startswith("dev/sentences-00000-of-0000") for name in shards)
    manifest = json.loads(expected["manifest.json"])
    assert [shard["name"] for shard in manifest["shards"] if shard["split"] == "default"] == sorted(
        name for name in shards if "/" not in name
    )
    assert {shard["name"]: shard["bytes"] for shard in manifest["shards"]} == {
        name: len(expected[name]) for name in shards
    }
    sizes = [shard["bytes"] for shard in manifest["shards"] if shard["split"] == "default"]
    assert all(0.9 * SHARD_MB * 1e6 <= size <= 1.1 * SHARD_MB * 1e6 for size in sizes[:-1])
    assert all(shard["documents"] > 1 for shard in manifest["shards"])


@pytest.mark.parametrize(
    "beam_arguments",
    [
        ["--direct_num_workers=2"],
        ["--direct_num_workers=7", "--direct_running_mode=multi_threading"],
        ["--runner=BundleBasedDirectRunner"],
        ["--direct_runner_bundle_repeat=1"],
    ],
    ids=" ".join,
)
def test_same_bytes_on_every_runner(corpus, expected, tmp_path, beam_arguments):
    run_segment(settings(corpus, tmp_path / "out"), beam_arguments)
    assert files_of(tmp_path / "out") == expected


def test_same_bytes_in_object_stores(corpus, expected, bucket):
    """Input and output in the store; the S3 and GCS of the tests keep nothing on disk."""
    for name, data in ((p.relative_to(corpus).as_posix(), p.read_bytes()) for p in corpus.rglob("*") if p.is_file()):
        storage.write_atomically(f"{bucket}/raw/{name}", data)
    output = f"{bucket}/sentences"
    run_segment(SegmentSettings(input=(f"{bucket}/raw",), output=output, shard_mb=SHARD_MB))
    assert storage.list_folder(output) == sorted(expected)
    for name in set(expected) - {"corpus_stats.json", "config.toml"}:
        assert storage.read_bytes(f"{output}/{name}") == expected[name]


def test_a_finished_run_is_not_done_again(corpus, expected, tmp_path, capsys, monkeypatch):
    first = run_segment(settings(corpus, tmp_path / "out"))
    monkeypatch.setattr(segment_ranges, "_segment", None)
    assert run_segment(settings(corpus, tmp_path / "out")) == first
    assert "is finished already" in capsys.readouterr().out
    with pytest.raises(UserError, match=r"made with --random_seed 42 \(now 1\)"):
        run_segment(settings(corpus, tmp_path / "out", random_seed=1))
    assert files_of(tmp_path / "out") == expected


@pytest.mark.parametrize(
    ("module", "function", "call"),
    [(segment_ranges, "_segment", 2), (write_shards, "_write", 5)],
    ids=["while segmenting", "while writing shards"],
)
def test_a_run_that_breaks_off_is_resumed(corpus, expected, tmp_path, monkeypatch, module, function, call):
    work = getattr(module, function)
    calls = []

    def breaks(*arguments):
        calls.append(arguments)
        if len(calls) == call:
            raise RuntimeError("the machine is gone")
        return work(*arguments)

    monkeypatch.setattr(module, function, breaks)
    with pytest.raises(Exception, match="the machine is gone"):
        run_segment(settings(corpus, tmp_path / "out"))
    assert not (tmp_path / "out/manifest.json").exists()
    for name, path in final_files(tmp_path / "out").items():
        assert path.read_bytes() == expected[name]
    run_segment(settings(corpus, tmp_path / "out"))
    assert files_of(tmp_path / "out") == expected
    assert len(calls) == len({str(arguments[0]) for arguments in calls}) + 1  # nothing was done twice but what broke


def test_a_retried_bundle_does_no_harm(corpus, expected, tmp_path, monkeypatch):
    """BundleBasedDirectRunner makes four attempts at a bundle; every second call of the workers fails."""
    tries = []
    for module, function in ((segment_ranges, "_segment"), (write_shards, "_write")):
        work = getattr(module, function)

        def flaky(*arguments, work=work):
            tries.append(arguments)
            if len(tries) % 2:
                raise RuntimeError("try again")
            return work(*arguments)

        monkeypatch.setattr(module, function, flaky)
    try:
        run_segment(settings(corpus, tmp_path / "out"), ["--runner=BundleBasedDirectRunner"])
    except Exception:  # a bundle of many items can use up its attempts; then the next run takes over
        monkeypatch.undo()
        run_segment(settings(corpus, tmp_path / "out"))
    assert len(tries) > 4
    assert files_of(tmp_path / "out") == expected


def test_killed_and_started_again(corpus, expected, tmp_path):
    """kill -9 of the driver and its workers at the first finished range; the same job ends with the same bytes."""
    output = tmp_path / "out"
    command = [sys.executable, "-m", "beam_jobs", "segment", "--input", str(corpus), "--output", str(output)]
    command += ["--shard_mb", str(SHARD_MB), "--direct_num_workers=2"]
    process = subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while not list(output.glob("_work/segment/*.json")) and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.005)
    assert process.poll() is None, "the job ended before it could be killed"
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert not (output / "manifest.json").exists()
    for name, path in final_files(output).items():
        assert path.read_bytes() == expected[name]
    run_segment(settings(corpus, output))
    assert files_of(output) == expected


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"input": ("missing/*.jsonl",)}, r"--input missing/\*.jsonl matches no file"),
        ({"max_rejected": 0.0}, r"documents \(.*%\) were set aside \(1 broken_json\), more than --max_rejected 0.0"),
        ({"text_field": "body"}, r"no document to write|were set aside"),
        ({"shard_mb": -1.0}, r"--shard_mb -1.0 must be above 0"),
    ],
)
def test_mistakes_are_one_line(corpus, tmp_path, change, message):
    wrong = SegmentSettings(**{"input": (str(corpus),), "output": str(tmp_path / "out"), **change})
    with pytest.raises(UserError, match=message) as caught:
        run_segment(wrong)
    assert "\n" not in str(caught.value)


def test_a_worker_process_reports_a_mistake_as_one_line(corpus, tmp_path):
    command = [sys.executable, "-m", "beam_jobs", "segment", "--input", str(corpus), "--output", str(tmp_path / "out")]
    command += ["--max_rejected", "0", "--direct_num_workers=2"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("beambert: error: 1 of ")
    assert "Traceback" not in done.stderr
