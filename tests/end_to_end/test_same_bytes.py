"""Same input, same settings, same bytes: whatever the workers, the runner, the retries and the interruptions."""

import gzip
import json
import os
import random
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from beam_jobs.inputs.plan_ranges import _MIN_RANGE

ROOT = Path(__file__).parent.parent.parent
Run = Callable[..., subprocess.CompletedProcess[str]]
Content = Callable[[Path], dict[str, object]]


@pytest.fixture(scope="module")
def raw_with_copies(raw: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The corpus four times, with its words in other orders, so that it has several ranges.

    Every fifth document is there again in capitals, and another fifth again with its first words left out.
    """
    path = tmp_path_factory.mktemp("copies") / "topics.jsonl"
    lines = raw.read_text().splitlines()
    records = [json.loads(line) for line in lines]
    for draws in map(random.Random, range(3)):
        for record in records:
            words = record["text"].split()
            draws.shuffle(words)
            lines.append(json.dumps({**record, "id": f"{record['id']} {len(lines)}", "text": " ".join(words)}))
    for number, line in enumerate(lines[:]):
        record = json.loads(line)
        changed = record["text"].upper() if number % 5 == 0 else record["text"].partition(" ")[2]
        if number % 5 < 2:
            lines.append(json.dumps({**record, "id": f"copy {number}", "text": changed}))
    path.write_text("\n".join(lines) + "\n")
    assert path.stat().st_size > 2 * _MIN_RANGE
    return path


@pytest.fixture(scope="module")
def settings(raw_with_copies: Path, vocab_file: Path) -> list[str]:
    """Settings that give a dozen shards of each kind and some seconds of work."""
    fixed = f"--input {raw_with_copies} --duplicates near --vocab_file {vocab_file} --model_class bert_multi_cased --shard_mb 0.1 --dupe_factor 5"
    return [*fixed.split(), "--dev_fraction", "0.2", "--max_predictions_per_seq", "20"]


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory, run: Run, settings: list[str], content: Content) -> dict[str, object]:
    """The corpus that one process makes in one go."""
    output = tmp_path_factory.mktemp("one")
    done = run("corpus", *settings, "--output", output, "--max_num_cpus", 1)
    assert done.returncode == 0, done.stderr
    files = content(output)
    shards = [name for name in files if name.startswith("instances/") and name.endswith(".tfrecord.gz")]
    assert len(shards) >= 10
    assert {name.split("/")[1] for name in shards} == {"train", "dev"}
    assert not any("_work" in name or "tmp" in name for name in files)
    told = [name for name in files if name.startswith("sentences/filtered/")]
    assert [name.split("/")[2].split("-")[0] for name in told] == ["duplicate_exact", "duplicate_near"]
    return files


@pytest.mark.parametrize("workers", [1, 2, 7])
def test_any_number_of_workers_and_any_run(
    tmp_path: Path, run: Run, settings: list[str], content: Content, uninterrupted: dict[str, object], workers: int
) -> None:
    done = run("corpus", *settings, "--output", tmp_path / "out", f"--direct_num_workers={workers}")
    assert done.returncode == 0, done.stderr
    assert content(tmp_path / "out") == uninterrupted


@pytest.mark.parametrize(
    "runner",
    [
        ["--runner=BundleBasedDirectRunner"],
        ["--runner=FnApiRunner", "--direct_runner_bundle_repeat=1"],
        ["--direct_running_mode=multi_threading", "--direct_num_workers=2"],
        ["--direct_running_mode=multi_threading", "--direct_num_workers=4", "--shards_per_worker=3"],
    ],
)
def test_other_runners_replayed_bundles_and_threads(
    tmp_path: Path, run: Run, settings: list[str], content: Content, uninterrupted: dict[str, object], runner: list[str]
) -> None:
    done = run("corpus", *settings, "--output", tmp_path / "out", *runner)
    assert done.returncode == 0, done.stderr
    assert content(tmp_path / "out") == uninterrupted


def test_two_jobs_make_what_one_makes(
    tmp_path: Path, run: Run, settings: list[str], content: Content, uninterrupted: dict[str, object]
) -> None:
    given = dict(zip(settings[::2], settings[1::2], strict=True))
    segment = [f"{name}={given[name]}" for name in ("--input", "--duplicates", "--shard_mb", "--dev_fraction")]
    instances = [
        f"{name}={value}" for name, value in given.items() if name not in ("--input", "--duplicates", "--dev_fraction")
    ]
    sentences = tmp_path / "out" / "sentences"
    assert run("segment", *segment, "--output", sentences).returncode == 0
    done = run("instances", "--input", sentences, *instances, "--output", tmp_path / "out" / "instances")
    assert done.returncode == 0, done.stderr
    assert content(tmp_path / "out") == uninterrupted


def test_a_configuration_file_makes_what_flags_make(
    tmp_path: Path, run: Run, settings: list[str], content: Content, uninterrupted: dict[str, object]
) -> None:
    shown = run("config", "show", "corpus", *settings, "--random_seed", 7, "--output", tmp_path / "out")
    assert shown.returncode == 0, shown.stderr
    (tmp_path / "corpus.toml").write_text(shown.stdout)
    done = run("corpus", "--config", tmp_path / "corpus.toml", "--random_seed=42")
    assert done.returncode == 0, done.stderr
    assert content(tmp_path / "out") == uninterrupted
    for job, folder in (("segment", "sentences"), ("instances", "instances")):  # again, from what the output keeps
        kept = tmp_path / "out" / folder / "config.toml"
        done = run(job, "--config", kept, "--output", tmp_path / "again" / folder)
        assert done.returncode == 0, done.stderr
    assert content(tmp_path / "again") == uninterrupted


@pytest.mark.parametrize("after", ["_work/segment/*.json", "instances/_work/instances/*.json"])
def test_a_killed_run_leaves_nothing_half_and_goes_on(
    tmp_path: Path,
    command: Callable[..., list[str]],
    run: Run,
    settings: list[str],
    content: Content,
    uninterrupted: dict[str, object],
    after: str,
) -> None:
    output = tmp_path / "out"
    arguments = ["corpus", *settings, "--output", str(output), "--direct_num_workers=2"]
    process = subprocess.Popen(
        command(*arguments), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        pattern = after if after.startswith("instances") else f"sentences/{after}"
        deadline = time.monotonic() + 120
        while len(list(output.glob(pattern))) < 1 and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        assert process.poll() is None, "the run ended before it could be killed"
        process.kill()
        process.wait()
        _wait_until_all_are_gone(process.pid)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
    assert not (output / "instances" / "manifest.json").exists()
    for path in output.rglob("*.tfrecord.gz"):
        if "_work" not in path.parts:
            gzip.decompress(path.read_bytes())  # raises when the file ends early
    done = run(*arguments)
    assert done.returncode == 0, done.stderr
    assert content(output) == uninterrupted


def _wait_until_all_are_gone(session: int) -> None:
    """Worker processes leave on their own when their driver is killed."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            os.killpg(session, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    os.killpg(session, signal.SIGKILL)
    raise AssertionError("worker processes outlived their driver by 30 s")
