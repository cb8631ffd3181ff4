"""Two corpora are the same if their uncompressed records are, in the same order and the same shards."""

import dataclasses
import gzip
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import google_crc32c
import pytest

from beam_jobs.errors import UserError
from beam_jobs.inspection.compare import compare
from beam_jobs.records import Manifest, Shard, manifest_from_json

FIRST = "dev/instances-00002.tfrecord"


def _rewrite(folder: Path, change: Callable[[Shard], Shard]) -> None:
    path = folder / "manifest.json"
    manifest = manifest_from_json(path.read_text())
    path.write_text(dataclasses.replace(manifest, shards=tuple(map(change, manifest.shards))).to_json())


def _with_content(folder: Path) -> None:
    def add(shard: Shard) -> Shard:
        data = (folder / shard.name).read_bytes()
        content = gzip.decompress(data) if shard.name.endswith(".gz") else data
        return dataclasses.replace(shard, content_crc32c=google_crc32c.Checksum(content).hexdigest().decode())

    _rewrite(folder, add)


@pytest.fixture
def first(corpus_folder: Path, tmp_path: Path) -> Path:
    folder = shutil.copytree(corpus_folder, tmp_path / "first")
    _with_content(folder)
    return folder


@pytest.fixture
def second(first: Path, tmp_path: Path) -> Path:
    """The same records, not compressed."""
    folder = tmp_path / "second"
    for path in first.rglob("*"):
        if path.is_file():
            target = folder / path.relative_to(first).with_suffix(path.suffix.replace(".gz", ""))
            target.parent.mkdir(parents=True, exist_ok=True)
            data = path.read_bytes()
            target.write_bytes(gzip.decompress(data) if path.suffix == ".gz" else data)
    _rewrite(folder, lambda shard: dataclasses.replace(shard, name=shard.name.removesuffix(".gz")))
    return folder


def _records(path: Path) -> list[bytes]:
    data, frames, at = path.read_bytes(), [], 0
    while at < len(data):
        size = 12 + int.from_bytes(data[at : at + 8], "little") + 4
        frames.append(data[at : at + size])
        at += size
    return frames


def _compare(*folders: Path, check_all: bool = False) -> int:
    return compare([str(folder) for folder in folders], check_all, 2)


@pytest.mark.parametrize("check_all", [False, True])
def test_compression_makes_no_difference(first: Path, second: Path, capsys, check_all: bool) -> None:
    assert _compare(first, second, check_all=check_all) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"same records: {first} and {second}, 3 shards (")
    assert ("checksums of content in both manifests" in said) != check_all


def test_manifests_are_enough_unless_everything_is_checked(first: Path, second: Path, capsys) -> None:
    for path in second.rglob("*.tfrecord"):
        path.write_bytes(b"".join(_records(path)[:-1]))
    assert _compare(first, second) == 0
    assert _compare(first, second, check_all=True) == 1
    assert "different: shard dev/instances-00002.tfrecord, record " in capsys.readouterr().out


def test_a_manifest_of_an_older_version_means_reading(first: Path, second: Path, capsys) -> None:
    _rewrite(second, lambda shard: dataclasses.replace(shard, content_crc32c=""))
    content = json.loads((second / "manifest.json").read_text())
    for shard in content["shards"]:
        del shard["content_crc32c"]
    (second / "manifest.json").write_text(json.dumps(content))
    assert _compare(first, second) == 0
    assert "(all were read)" in capsys.readouterr().out


@pytest.mark.parametrize("record", [0, 7, -1])
def test_the_first_record_that_differs_is_named(first: Path, second: Path, capsys, record: int) -> None:
    path = second / FIRST
    frames = _records(path)
    other = next(frame for frame in frames if frame != frames[record])
    number = record % len(frames)
    frames[record] = other
    path.write_bytes(b"".join(frames))
    _with_content(second)
    assert _compare(first, second) == 1
    assert capsys.readouterr().out == f"different: shard {FIRST}, record {number}\n"


def test_a_shard_that_ends_earlier_differs_where_it_ends(first: Path, second: Path, capsys) -> None:
    frames = _records(second / FIRST)
    (second / FIRST).write_bytes(b"".join(frames[:-2]))
    for pair in ((first, second), (second, first)):
        assert _compare(*pair, check_all=True) == 1
        assert capsys.readouterr().out == f"different: shard {FIRST}, record {len(frames) - 2}\n"


def test_a_manifest_that_is_out_of_date_is_told(first: Path, second: Path, capsys) -> None:
    _rewrite(second, lambda shard: dataclasses.replace(shard, content_crc32c="00000000"))
    assert _compare(first, second) == 1
    assert "the manifests differ about shard" in capsys.readouterr().out


def test_other_shards(first: Path, second: Path, capsys) -> None:
    (second / "manifest.json").unlink()
    (second / FIRST).unlink()
    assert _compare(first, second) == 1
    assert capsys.readouterr().out == f"different: only {first} has shard {FIRST} (3 and 2 shards)\n"


def test_shards_by_name(first: Path, second: Path, capsys) -> None:
    assert _compare(first / f"{FIRST}.gz", second / FIRST) == 0
    assert _compare(first / "train/instances-00000.tfrecord.gz", second / FIRST) == 1


def test_sentences(tmp_path: Path, first: Path, capsys) -> None:
    for name, text in (("a", "en\nto\n\ntre\n\n"), ("b", "en\nto\n\nTre\n\n")):
        data = text.encode()
        crc = google_crc32c.Checksum(data).hexdigest().decode()
        shard = Shard("sentences-00000-of-00001.txt", "default", 3, 2, len(data), crc, crc)
        (tmp_path / name).mkdir()
        (tmp_path / name / shard.name).write_bytes(data)
        (tmp_path / name / "manifest.json").write_text(Manifest("sentences", "x", {}, (shard,)).to_json())
    assert _compare(tmp_path / "a", tmp_path / "a", check_all=True) == 0
    capsys.readouterr()
    assert _compare(tmp_path / "a", tmp_path / "b") == 1
    assert capsys.readouterr().out == "different: shard sentences-00000-of-00001.txt, line 4\n"
    assert _compare(tmp_path / "a", first) == 1
    assert "holds sentences" in capsys.readouterr().out


def test_what_cannot_be_compared_is_an_error_of_one_line(first: Path, second: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"^--compare takes two corpora, but 1 paths were given"):
        _compare(first)
    with pytest.raises(UserError, match=r"nowhere: no such file or folder"):
        _compare(first, tmp_path / "nowhere")
    damaged = bytearray((second / FIRST).read_bytes())
    damaged[40] ^= 1
    (second / FIRST).write_bytes(damaged)
    with pytest.raises(UserError, match=r"record 0 at byte 0 fails its checksum"):
        _compare(first, second, check_all=True)
