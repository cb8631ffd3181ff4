import json
import time
from dataclasses import dataclass

import pytest

from beam_jobs.errors import UserError
from beam_jobs.execution import output_folder
from beam_jobs.execution.stats_file import launch_stats, origin_stats, read_stats, write_manifest_and_stats
from beam_jobs.execution.versions import versions
from beam_jobs.records import Manifest, Shard, manifest_from_json
from beam_jobs.settings import SegmentSettings, VocabularySettings


@dataclass(frozen=True)
class Job:
    settings: SegmentSettings | VocabularySettings
    output: str = "/out"
    started: float = 0.0
    hash: str = "h"


@pytest.mark.parametrize(("given", "shown"), [(("a",), "a"), (("a", "b"), ["a", "b"])])
def test_the_head_has_the_time_the_settings_and_the_folders_in_this_order(given, shown):
    settings = VocabularySettings(input=given, output="relative", vocab_size=300)
    stats = launch_stats(Job(settings, started=time.time() - 90))
    names = list(stats)
    assert names[0] == "time_taken_min"
    assert stats["time_taken_min"] == pytest.approx(1.5, abs=0.5)
    assert names[-2:] == ["data_dir", "output_dir"]
    assert (stats["data_dir"], stats["output_dir"]) == (shown, "/out")
    assert stats["vocab_size"] == 300
    assert not {"input", "output"} & set(names)


def test_the_end_has_the_hash_and_the_versions():
    stats = origin_stats(Job(SegmentSettings()))
    assert list(stats.items()) == [("settings_hash", "h"), ("versions", versions())]


def test_the_statistics_are_written_after_the_manifest(tmp_path, monkeypatch):
    written = []
    write = output_folder.storage.write_atomically

    def noted(uri, *arguments):
        written.append(uri.rpartition("/")[2])
        write(uri, *arguments)

    monkeypatch.setattr(output_folder.storage, "write_atomically", noted)
    manifest = Manifest("sentences", "h", {"name": "blåbær"}, ())
    write_manifest_and_stats(str(tmp_path), manifest, {"b": 1, "a": "blåbær"})
    assert written == ["manifest.json", "corpus_stats.json"]
    assert manifest_from_json((tmp_path / "manifest.json").read_text(encoding="utf-8")) == manifest
    assert (
        tmp_path / "corpus_stats.json"
    ).read_bytes() == '{\n    "b": 1,\n    "a": "blåbær",\n    "format": 1\n}\n'.encode()


def test_a_path_that_is_not_utf8_is_written_and_read_back(tmp_path):
    name = b"\xff.txt".decode("utf-8", "surrogateescape")
    write_manifest_and_stats(str(tmp_path), Manifest("sentences", "h", {"text_field": name}, ()), {"sources": name})
    assert json.loads((tmp_path / "corpus_stats.json").read_bytes()) == {"sources": name, "format": 1}
    assert manifest_from_json((tmp_path / "manifest.json").read_text()).settings == {"text_field": name}


def test_what_was_written_is_read(tmp_path):
    write_manifest_and_stats(str(tmp_path), Manifest("sentences", "h", {}, ()), {"documents": 3})
    assert read_stats(str(tmp_path))["documents"] == 3


@pytest.mark.parametrize("data", [b"{", b"[]", b"\xff"])
def test_damaged_statistics_are_one_line(tmp_path, data):
    (tmp_path / "corpus_stats.json").write_bytes(data)
    with pytest.raises(
        UserError, match=r"corpus_stats\.json: holds no statistics \(.*remove that folder and run the job"
    ):
        read_stats(str(tmp_path))


def test_those_of_a_newer_version_are_refused(tmp_path):
    (tmp_path / "corpus_stats.json").write_text('{"format": 2}')
    with pytest.raises(UserError, match=r"corpus_stats\.json: its format is 2, .*; update beambert"):
        read_stats(str(tmp_path))


@pytest.mark.parametrize(("data", "wrong"), [(b"other", "not the 4 bytes"), (None, "missing")])
def test_a_shard_that_another_process_has_changed_is_noticed_before_the_manifest_is_written(tmp_path, data, wrong):
    shard = Shard("sentences-00000-of-00001.txt", "default", 1, 1, 4, "")
    if data is not None:
        (tmp_path / shard.name).write_bytes(data)
    with pytest.raises(UserError, match=f"{shard.name} is {wrong}.*another process.*run the same command again"):
        write_manifest_and_stats(str(tmp_path), Manifest("sentences", "h", {}, (shard,)), {})
    assert not (tmp_path / "manifest.json").exists()


def test_a_clock_that_is_behind_gives_no_negative_time():
    assert launch_stats(Job(SegmentSettings(), started=time.time() + 9000))["time_taken_min"] == 0
