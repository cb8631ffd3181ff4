import dataclasses
import json
import subprocess
from pathlib import Path

import pytest

from beam_jobs import storage
from beam_jobs.errors import EnvironmentUserError, UserError
from beam_jobs.execution import output_folder, unfinished_run
from beam_jobs.execution.failures import attempt
from beam_jobs.execution.output_folder import prepare_output, remove_work, temporary_folder
from beam_jobs.records import Manifest, Shard
from beam_jobs.settings import InstanceSettings, SegmentSettings, VocabularySettings, output_settings
from beam_jobs.storage import whole_files

SETTINGS = SegmentSettings(shard_mb=10)


@pytest.fixture
def output(tmp_path):
    return str(tmp_path / "new" / "out")


def finish(output, hash="h", settings=SETTINGS):
    manifest = Manifest("sentences", hash, output_settings(settings), ())
    storage.write_atomically(f"{output}/manifest.json", manifest.to_json().encode())
    storage.write_atomically(f"{output}/corpus_stats.json", b"{}")
    return manifest


def test_fresh_then_resumed_then_finished(output):
    assert prepare_output(output, SETTINGS, "h") == output_folder.OutputState(None, resumed=False)
    Path(temporary_folder(output), "left.tmp").write_text("of a killed run")
    storage.write_atomically(f"{output}/_work/segment/000000.json", b"{}")
    assert prepare_output(output, SETTINGS, "h") == output_folder.OutputState(None, resumed=True)
    assert storage.list_folder(f"{output}/_work") == ["run.json", "segment/000000.json"]
    manifest = finish(output)
    assert prepare_output(output, SETTINGS, "h").finished == manifest
    assert not storage.exists(f"{output}/_work")


def test_settings_that_do_not_change_the_bytes_may_change(output):
    prepare_output(output, SETTINGS, "h")
    assert prepare_output(output, dataclasses.replace(SETTINGS, max_num_cpus=7, max_rejected=1), "h").resumed


@pytest.mark.parametrize("finished", [False, True])
@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            dataclasses.replace(SETTINGS, shard_mb=20, random_seed=1),
            r"--shard_mb 10 \(now 20\), --random_seed 42 \(now 1\)",
        ),
        (SETTINGS, "from other input files"),
        (InstanceSettings(), "by another job or version"),
    ],
)
def test_other_settings_or_input_are_refused(output, finished, settings, message):
    prepare_output(output, SETTINGS, "h")
    storage.write_atomically(f"{output}/_work/segment/000000.json", b"{}")
    if finished:
        finish(output)
    what = "a finished" if finished else "half of a"
    with pytest.raises(UserError, match=rf"--output .*out already holds {what} corpus made .*{message}"):
        prepare_output(output, settings, "other")


ROW, TEXT, SHARD, RESULT = (
    "_work/segment/000000.json", "_work/texts/000000.txt", "_work/sentences/a.json", "train/sentences-00000-of-00001.txt"
)  # fmt: skip


def unfinished(output, *names, failed=""):
    """A run that has left these files, and perhaps failed with a message."""
    prepare_output(output, SETTINGS, "h", reusable=("segment", "rows"))
    for name in ("_work/plan.jsonl", "_work/progress/segment.total", *names):
        storage.write_atomically(f"{output}/{name}", b"{}")
    if failed:
        attempt(0, raise_error, output, failed)


def raise_error(_, error):
    raise error


def left(output):
    return [name for name in storage.list_folder(output) if name != "_work/run.json"]


@pytest.mark.parametrize("settings", [dataclasses.replace(SETTINGS, text_field="content"), InstanceSettings()])
def test_a_run_that_has_finished_nothing_is_no_obstacle(output, settings):
    unfinished(output, TEXT, "rejected/text_missing.jsonl")
    prepare_output(output, settings, "other")
    assert left(output) == []
    storage.write_atomically(f"{output}/{ROW}", b"{}")
    with pytest.raises(UserError, match="half of a corpus"):
        prepare_output(output, SETTINGS, "h")


def test_what_does_not_depend_on_the_change_is_kept(output, capsys):
    unfinished(output, ROW, TEXT)
    prepare_output(output, dataclasses.replace(SETTINGS, random_seed=7), "other", reusable=("segment", "rows"))
    assert {ROW, TEXT} <= set(left(output))
    assert capsys.readouterr().err == ""
    changed = dataclasses.replace(SETTINGS, text_field="content", random_seed=7)
    with pytest.raises(UserError, match=r"half of a corpus made with --text_field text \(now content\)"):
        prepare_output(output, changed, "third", reusable=("segment", "other rows"))


def test_what_depends_on_the_change_is_an_obstacle(output):
    unfinished(output, ROW, TEXT, SHARD, RESULT)
    before = storage.list_folder(output)
    with pytest.raises(UserError, match=r"half of a corpus made with --random_seed 42 \(now 7\)"):
        prepare_output(output, dataclasses.replace(SETTINGS, random_seed=7), "other", reusable=("segment", "rows"))
    assert storage.list_folder(output) == before


@pytest.mark.parametrize(
    ("settings", "hash"),
    [
        (SETTINGS, "other input"),
        (dataclasses.replace(SETTINGS, text_field="content"), "other"),
        (dataclasses.replace(SETTINGS, text_field="content", shard_mb=20), "another"),
    ],
)
def test_advice_may_be_followed(output, settings, hash, capsys):
    files = (ROW, TEXT, SHARD, RESULT, "manifest.json", "rejected/text_missing.jsonl", "notes/README.md")
    unfinished(output, *files, failed=UserError("name the field by --text_field"))
    with pytest.raises(UserError, match=r"made with --shard_mb 10 \(now 20\)"):
        prepare_output(output, dataclasses.replace(SETTINGS, shard_mb=20), "other")
    prepare_output(output, settings, hash)
    assert left(output) == ["notes/README.md"]
    said = capsys.readouterr().err
    assert said.startswith(f"beambert: {output}: the unfinished run there was made ")
    assert said.endswith("beginning anew\n")


def test_a_full_disk_is_no_advice(output):
    unfinished(output, ROW, failed=EnvironmentUserError("disk full"))
    with pytest.raises(UserError, match="from other input files"):
        prepare_output(output, SETTINGS, "other input")


def test_a_vocabulary_that_lay_there_before_is_not_replaced(output):
    storage.write_atomically(f"{output}/vocab.txt", b"mine")
    prepare_output(output, InstanceSettings(), "h", {"vocab.txt": b"mine"})
    with pytest.raises(UserError, match=r"holds vocab.txt, which no job here wrote"):
        prepare_output(output, InstanceSettings(), "other", {"vocab.txt": b"theirs"})
    assert storage.read_bytes(f"{output}/vocab.txt") == b"mine"


def test_a_vocabulary_that_the_run_has_written_is(output):
    prepare_output(output, InstanceSettings(), "h", {"vocab.txt": b"first"})
    storage.write_atomically(f"{output}/vocab.txt", b"first")
    prepare_output(output, InstanceSettings(), "h", {"vocab.txt": b"first"})
    prepare_output(output, InstanceSettings(), "other", {"vocab.txt": b"second"})
    assert left(output) == []


def test_two_processes_do_not_write_to_one_folder(output):
    process = subprocess.Popen(["sleep", "60"])
    try:
        prepare_output(output, SETTINGS, "h")
        path = Path(output, "_work/run.json")
        run = json.loads(path.read_text())
        run["process"].update(pid=process.pid, started=unfinished_run._started(process.pid))
        path.write_text(json.dumps(run))
        for hash in ("h", "other"):
            with pytest.raises(
                UserError, match=rf"another run is writing to .*\(process {process.pid} on this machine"
            ):
                prepare_output(output, SETTINGS, hash)
        run["process"]["started"] = "long ago"  # the number is another process's by now
        path.write_text(json.dumps(run))
        assert prepare_output(output, SETTINGS, "h").resumed
        path.write_text(json.dumps(run))
    finally:
        process.kill()
        process.wait()
    assert prepare_output(output, SETTINGS, "h").resumed


def test_shards_of_somebody_else_are_not_mixed_in(output):
    storage.write_atomically(f"{output}/train/sentences-00000-of-00001.txt", b"")
    with pytest.raises(UserError, match=r"already holds train/sentences-00000-of-00001.txt of another run"):
        prepare_output(output, SETTINGS, "h")


def test_other_files_may_lie_there(output):
    storage.write_atomically(f"{output}/README.md", b"")
    assert not prepare_output(output, SETTINGS, "h").resumed


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        (SETTINGS, "_work/notes.txt"),
        (SETTINGS, "rejected/letters.txt"),
        (InstanceSettings(), "samples.txt"),
        (InstanceSettings(), "samples.jsonl"),
        (VocabularySettings(), "vocab.txt"),
        (VocabularySettings(name="mine"), "mine.json"),
        (InstanceSettings(), "vocab.txt"),
    ],
)
def test_files_that_no_job_wrote_are_neither_removed_nor_overwritten(output, settings, name):
    storage.write_atomically(f"{output}/{name}", b"mine")
    copies = {"vocab.txt": b"theirs"} if isinstance(settings, InstanceSettings) else None
    with pytest.raises(UserError, match=f"already holds {name}, which no job here wrote.*move it away"):
        prepare_output(output, settings, "h", copies)
    assert storage.list_folder(output) == [name]
    assert storage.read_bytes(f"{output}/{name}") == b"mine"


def test_the_same_vocabulary_may_lie_there(output):
    storage.write_atomically(f"{output}/vocab.txt", b"mine")
    assert not prepare_output(output, InstanceSettings(), "h", {"vocab.txt": b"mine"}).resumed


def test_a_run_killed_in_its_very_first_write_is_no_obstacle(output):
    storage.write_atomically(f"{output}/_work/tmp/.run.json.12-0a.tmp", b"{")
    assert not prepare_output(output, SETTINGS, "h").resumed


def test_a_work_folder_that_is_not_a_jobs_stays_beside_a_finished_corpus(output):
    finish(output)
    storage.write_atomically(f"{output}/_work/notes.txt", b"mine")
    assert prepare_output(output, SETTINGS, "h").finished
    assert storage.read_bytes(f"{output}/_work/notes.txt") == b"mine"


def test_a_manifest_without_statistics_is_not_finished(output):
    prepare_output(output, SETTINGS, "h")
    finish(output)
    Path(output, "corpus_stats.json").unlink()
    assert prepare_output(output, SETTINGS, "h").finished is None


def test_a_finished_corpus_that_lost_a_shard(output):
    prepare_output(output, SETTINGS, "h")
    shard = Shard("train/sentences-00000-of-00001.txt", "train", 1, 1, 1, "")
    manifest = Manifest("sentences", "h", output_settings(SETTINGS), (shard,))
    storage.write_atomically(f"{output}/manifest.json", manifest.to_json().encode())
    storage.write_atomically(f"{output}/corpus_stats.json", b"{}")
    with pytest.raises(UserError, match=r"but train/sentences-00000-of-00001.txt is missing; remove that folder"):
        prepare_output(output, SETTINGS, "h")


@pytest.mark.parametrize("text", ["{", "[]", '{"shards": 3}', "{}"])
def test_a_strange_manifest(output, text):
    prepare_output(output, SETTINGS, "h")
    finish(output)
    Path(output, "manifest.json").write_text(text)
    with pytest.raises(UserError, match=r"its manifest.json is none of ours"):
        prepare_output(output, SETTINGS, "h")


def test_a_broken_work_folder_is_no_traceback(output):
    prepare_output(output, SETTINGS, "h")
    Path(output, "_work/run.json").write_text("[]")
    with pytest.raises(UserError, match="half of a"):
        prepare_output(output, SETTINGS, "h")


def test_where_one_may_not_write(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match=r"cannot write .*file/out"):
        prepare_output(str(tmp_path / "file" / "out"), SETTINGS, "h")

    def refuse(uri):
        raise PermissionError(13, "Permission denied", uri)

    monkeypatch.setattr(whole_files, "_create", refuse)
    with pytest.raises(
        UserError, match=r"cannot write .*: Permission denied; choose an --output that you may write to"
    ):
        prepare_output(str(tmp_path / "out"), SETTINGS, "h")


def test_a_store_that_refuses_is_one_line(monkeypatch):
    def refuse(uri):
        raise RuntimeError("403 GET\nforbidden")

    monkeypatch.setattr(storage, "exists", refuse)
    with pytest.raises(UserError, match="cannot use --output gs://other/out: 403 GET forbidden; choose"):
        prepare_output("gs://other/out", SETTINGS, "h")


def test_work_is_removed(output):
    prepare_output(output, SETTINGS, "h")
    assert json.loads(Path(output, "_work/run.json").read_text())["settings_hash"] == "h"
    remove_work(output)
    assert storage.list_folder(output) == []


def test_a_finished_corpus_of_a_newer_format_is_refused(output):
    manifest = finish(output)
    Path(output, "manifest.json").write_text(manifest.to_json().replace('"format": 1', '"format": 2'))
    with pytest.raises(UserError, match=r"new/out/manifest\.json: its format is 2, .*; update beambert$"):
        prepare_output(output, SETTINGS, "h")


def test_what_a_late_worker_left_beside_a_finished_corpus_is_removed(output):
    finish(output)
    names = ["segment/000000.json", "texts/000000.txt", "rejected/000001.jsonl", "counts/000002.bin"]
    names += ["sentences/train.sentences-00000-of-00001.txt.json", "instances/instances-00000-of-00002.tfrecord.json"]
    names += ["progress/segment.000000", "failed/0123456789abcdef.change.txt", "tmp/.a.txt.12-0a.tmp"]
    for name in names:
        storage.write_atomically(f"{output}/_work/{name}", b"late")
    assert prepare_output(output, SETTINGS, "h").finished
    assert not Path(output, "_work").exists()


def test_a_shard_that_is_not_listed_yet_is_there(output, monkeypatch):
    shard = Shard("train/sentences-00000-of-00001.txt", "train", 1, 1, 4, "")
    manifest = Manifest("sentences", "h", output_settings(SETTINGS), (shard,))
    storage.write_atomically(f"{output}/{shard.name}", b"abc\n")
    storage.write_atomically(f"{output}/manifest.json", manifest.to_json().encode())
    storage.write_atomically(f"{output}/corpus_stats.json", b"{}")
    monkeypatch.setattr(output_folder.storage, "list_files", lambda uri: [])
    assert prepare_output(output, SETTINGS, "h").finished == manifest
