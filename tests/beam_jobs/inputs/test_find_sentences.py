"""The sentence shards that an instances job reads."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from beam_jobs import storage
from beam_jobs.errors import UserError
from beam_jobs.inputs.find_sentences import SentenceFile, _checked, files_of_corpus, find_sentences
from beam_jobs.records import Manifest, Shard


def _corpus(folder: Path, settings_hash: str = "abc") -> Path:
    (folder / "dev").mkdir(parents=True)
    (folder / "dev" / "s0.txt").write_text("a\n")
    (folder / "s1.txt").write_text("b b\n")
    (folder / "notes.txt").write_text("no shard of the corpus\n")
    shards = (Shard("dev/s0.txt", "dev", 1, 1, 2, "00"), Shard("s1.txt", "default", 1, 1, 4, "11"))
    (folder / "manifest.json").write_text(Manifest("sentences", settings_hash, {}, shards).to_json())
    return folder


def test_a_corpus_of_ours_is_what_its_manifest_says(tmp_path: Path) -> None:
    files, input_hash = find_sentences([str(_corpus(tmp_path / "c"))])
    assert [(f.name, f.split, f.size, f.crc32c) for f in files] == [
        ("dev/s0.txt", "dev", 2, "00"),
        ("s1.txt", "default", 4, "11"),
    ]
    assert input_hash == "abc"


def test_several_corpora_and_foreign_files(tmp_path: Path) -> None:
    one, two = _corpus(tmp_path / "one"), _corpus(tmp_path / "two", "def")
    (tmp_path / "train").mkdir()
    (tmp_path / "train" / "x.txt").write_text("c\n")
    files, first = find_sentences([str(one), str(two), str(tmp_path / "train")])
    assert len(files) == 5
    assert files[-1].split == "train"
    (tmp_path / "train" / "x.txt").write_text("changed\n")
    assert find_sentences([str(one), str(two), str(tmp_path / "train")])[1] != first


def test_foreign_files_in_another_place_are_the_same_input(tmp_path: Path) -> None:
    hashes = set()
    for place in ("here", "there"):
        (tmp_path / place / "dev").mkdir(parents=True)
        (tmp_path / place / "dev" / "a.txt").write_text("a\n")
        (tmp_path / place / "b.txt").write_text("b\n")
        files, input_hash = find_sentences([str(tmp_path / place)])
        assert [(f.name, f.split) for f in files] == [("b.txt", "default"), ("dev/a.txt", "dev")]
        hashes.add(input_hash)
    assert len(hashes) == 1


def test_what_cannot_be_trusted_is_refused(tmp_path: Path) -> None:
    corpus = _corpus(tmp_path / "c")
    (corpus / "s1.txt").write_text("longer\n")
    with pytest.raises(UserError, match=r"s1\.txt is not the 4 bytes of its manifest"):
        find_sentences([str(corpus)])
    (corpus / "s1.txt").unlink()
    with pytest.raises(UserError, match=r"s1\.txt is missing"):
        find_sentences([str(corpus)])
    (corpus / "manifest.json").write_text("{}")
    with pytest.raises(UserError, match="is not a manifest"):
        find_sentences([str(corpus)])
    (corpus / "manifest.json").write_text(Manifest("instances", "abc", {}, ()).to_json())
    with pytest.raises(UserError, match="holds instances, not sentences"):
        find_sentences([str(corpus)])
    (corpus / "manifest.json").unlink()
    (corpus / "_work").mkdir()
    find_sentences([str(corpus)])  # a folder of that name need not be ours
    (corpus / "_work" / "run.json").write_text("{}")
    with pytest.raises(UserError, match="unfinished corpus"):
        find_sentences([str(corpus)])


def test_shards_of_a_corpus_in_a_store_are_checked_by_one_listing(bucket, received):
    shards = [Shard(f"train/s{i:03}.txt", "train", 1, 1, 4, "00000000") for i in range(30)]
    files = files_of_corpus(f"{bucket}/many", SimpleNamespace(shards=shards))
    for file in files:
        storage.write_atomically(file.uri, b"four")
    received.clear()
    assert _checked(f"{bucket}/many", files) == files
    assert len(received) == 1
    storage.write_atomically(files[3].uri, b"longer")
    with pytest.raises(UserError, match=r"s003\.txt is not the 4 bytes of its manifest"):
        _checked(f"{bucket}/many", files)
    storage.delete([files[3].uri])
    with pytest.raises(UserError, match=r"s003\.txt is missing"):
        _checked(f"{bucket}/many", files)


def test_a_shard_that_its_store_does_not_list_yet_is_found(bucket, monkeypatch):
    folder = f"{bucket}/late"
    storage.write_atomically(f"{folder}/sentences-00000-of-00001.txt", b"abc\n")
    files = [SentenceFile(f"{folder}/sentences-00000-of-00001.txt", "sentences-00000-of-00001.txt", 4, "train")]
    monkeypatch.setattr(storage, "list_files", lambda uri: [])
    assert _checked(folder, files) == files


def test_raw_text_is_for_another_job(tmp_path):
    (tmp_path / "raw.jsonl").write_text('{"text": "a"}\n')
    with pytest.raises(
        UserError, match=r"cannot read raw\.jsonl; .*if it is raw text, run the segment job on it first"
    ):
        find_sentences([str(tmp_path)])
