import dataclasses
import json
import os
import socket
import subprocess
import sys
import time

import pytest

from beam_jobs.errors import EndedRunUserError, UserError
from beam_jobs.execution.output_folder import prepare_output
from beam_jobs.execution.unfinished_run import (
    Run,
    finished_rows,
    read_run,
    require_ended,
    require_in_charge,
    this_process,
    write_run,
)
from beam_jobs.settings import SegmentSettings, output_settings

RUN = Run("SegmentSettings", "h", {"shard_mb": 1.0}, ("segment", "rows"), ("vocab.txt",), {"host": "elsewhere"})
NAMES = [
    "_work/run.json",
    "_work/segment/000001.json",
    "_work/write/000002.json",
    "_work/progress/segment.json",
    "_work/failed/x.json",
    "_work/tmp/y.json",
    "_work/texts/000001.txt",
    "_work/deep/er/1.json",
    "other/000001.json",
]


def test_what_is_written_is_read_again(tmp_path):
    output = str(tmp_path)
    assert read_run(output) is None
    write_run(output, RUN, str(tmp_path / "tmp"))
    assert read_run(output) == RUN
    content = json.loads((tmp_path / "_work" / "run.json").read_text())
    assert content == {
        "format": 1,
        "job": "SegmentSettings",
        "settings_hash": "h",
        "settings": {"shard_mb": 1.0},
        "reusable": ["segment", "rows"],
        "found": ["vocab.txt"],
        "process": {"host": "elsewhere"},
    }


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"reusable": ["a"], "found": []}', '{"reusable": ["a", "b"], "found": 5}', '{"format": "x"}'],
)
def test_a_run_that_cannot_be_read_has_no_settings(tmp_path, text):
    (tmp_path / "_work").mkdir()
    (tmp_path / "_work" / "run.json").write_text(text)
    assert read_run(str(tmp_path)) == Run("", "", {})


@pytest.mark.parametrize("changes", [{"format": None}, {"of_tomorrow": [1]}], ids=["no number", "unknown key"])
def test_a_run_of_an_earlier_version_or_with_more_keys_goes_on(tmp_path, changes):
    settings = SegmentSettings()
    run = dataclasses.replace(RUN, settings=output_settings(settings), found=())
    write_run(str(tmp_path), run, str(tmp_path / "tmp"))
    path = tmp_path / "_work" / "run.json"
    content = {**json.loads(path.read_text()), **changes}
    path.write_text(json.dumps({key: value for key, value in content.items() if value is not None}))
    assert read_run(str(tmp_path)) == run
    assert prepare_output(str(tmp_path), settings, "h", reusable=run.reusable).resumed


def test_a_run_of_a_newer_format_is_refused_and_left_as_it_is(tmp_path):
    write_run(str(tmp_path), RUN, str(tmp_path / "tmp"))
    path = tmp_path / "_work" / "run.json"
    path.write_text(path.read_text().replace('"format": 1', '"format": 2'))
    before = path.read_bytes()
    for hash in ("h", "of other settings"):
        with pytest.raises(UserError, match=r"_work/run\.json: its format is 2, but .* above 1; update beambert$"):
            prepare_output(str(tmp_path), SegmentSettings(), hash)
    assert path.read_bytes() == before


def test_which_files_say_that_an_item_is_finished():
    assert finished_rows(NAMES) == ["_work/segment/000001.json", "_work/write/000002.json"]
    assert finished_rows(NAMES, but_for_step="segment") == ["_work/write/000002.json"]


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("train/sentences-00000-of-00001.txt", True),
        ("dev/instances-00000-of-00001.tfrecord", True),
        ("instances-00000-of-00001.tfrecord.gz", True),
        ("rejected/empty.jsonl", True),
        ("_work/plan.jsonl", True),
        ("manifest.json", True),
        ("corpus_stats.json", True),
        ("samples.txt", True),
        ("vocab.txt", False),  # it lay there when the run began
        ("mine/instances-00000-of-00001.tfrecord", False),
        ("sentences-0-of-1.txt.bak", False),
        ("notes.txt", False),
        ("name.json", False),
    ],
)
def test_which_files_a_run_wrote(name, ours):
    assert RUN.wrote([name]) == ({name} if ours else set())


def test_a_vocabulary_run_wrote_its_model_class():
    assert Run("VocabularySettings", "h", {"name": "mine"}).wrote(["mine.json", "vocab.txt", "other.json"]) == {
        "mine.json",
        "vocab.txt",
    }


def test_a_run_has_ended_unless_its_very_process_is_alive():
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        mine, host = this_process(), socket.gethostname()
        assert (mine["pid"], mine["host"]) == (os.getpid(), host)
        require_ended("out", Run("", "", {}, process=mine))
        require_ended("out", Run("", "", {}))
        require_ended("out", Run("", "", {}, process={"host": "elsewhere", "pid": child.pid, "started": "1"}))
        require_ended("out", Run("", "", {}, process={"host": host, "pid": child.pid, "started": "long ago"}))
        with open(f"/proc/{child.pid}/stat") as stat:  # noqa: PTH123
            started = stat.read().rpartition(")")[2].split()[19]
        alive = Run("", "", {}, process={"host": host, "pid": child.pid, "started": started})
        with pytest.raises(UserError, match=rf"another run is writing to --output out \(process {child.pid} on this"):
            require_ended("out", alive)
    finally:
        child.communicate(b"\n")
    require_ended("out", alive)


def test_a_worker_may_write_only_while_its_run_goes_on(tmp_path):
    output = str(tmp_path)
    write_run(output, RUN, str(tmp_path / "tmp"))
    require_in_charge(output, "h")
    with pytest.raises(EndedRunUserError, match=f"other settings has taken over --output {output};"):
        require_in_charge(output, "hash of other settings")
    (tmp_path / "_work/run.json").unlink()
    (tmp_path / "corpus_stats.json").touch()
    with pytest.raises(EndedRunUserError, match=f"has finished --output {output};"):
        require_in_charge(output, "h")


def test_a_store_is_asked_only_if_an_item_took_long(bucket, received):
    output = f"{bucket}/charge"
    write_run(output, RUN, "")
    received.clear()
    require_in_charge(output, "hash of other settings", time.monotonic())
    assert not received
    with pytest.raises(EndedRunUserError, match="other settings"):
        require_in_charge(output, "hash of other settings", time.monotonic() - 60)
    assert len(received) == 1
