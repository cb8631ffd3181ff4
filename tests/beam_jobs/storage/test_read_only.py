"""Texts on the web and in datasets of the hub, read by real clients from servers on this machine."""

import gzip
import json

import pytest

from beam_jobs import storage
from beam_jobs.errors import UserError
from beam_jobs.storage.read_only import open_read_only, read_only_files, read_only_state
from tests.beam_jobs.storage.web_server import COMMIT, web_site

DATA = bytes(range(256)) * 1000


@pytest.fixture
def site():
    with web_site() as site:
        site.files["a/text.jsonl"] = DATA
        yield site


def test_parts_of_a_file_on_the_web(site):
    uri = f"{site.address}/a/text.jsonl"
    with storage.open_stream(uri, 1000, 2000) as stream:
        assert stream.read(500) == DATA[1000:1500]
    assert site.ranges == ["bytes=1000-1999"]
    assert open_read_only(uri, 255_990).read() == DATA[255_990:]
    assert open_read_only(uri, 999_999, 1_000_009).read() == b""
    size, version = read_only_state(uri)
    assert (size, storage.size(uri), storage.state(uri)) == (len(DATA), len(DATA), (size, version))
    site.files["a/text.jsonl"] = DATA[::-1]
    assert read_only_state(uri)[1] not in ("", version)
    site.changed = "Sat, 28 Nov 2026 12:00:00 GMT"  # the tags of several servers may differ
    assert read_only_state(uri)[1] == site.changed


def test_what_is_on_the_web_is_one_file(site):
    uri = f"{site.address}/a/text.jsonl"
    assert [(found, size) for found, size, _ in read_only_files(uri)] == [(uri, len(DATA))]
    assert storage.exists(uri)
    assert not storage.exists(f"{site.address}/b")
    with pytest.raises(FileNotFoundError, match="HTTP 404"):
        read_only_files(f"{site.address}/b.txt")
    for pattern in ("/a/", "/a/*.jsonl", "/a/text.jsonl?raw=1"):
        with pytest.raises(UserError, match="a web server lists no files; give the address of each"):
            read_only_files(site.address + pattern)


def test_servers_that_do_not_say_enough(site):
    uri = f"{site.address}/a/text.jsonl"
    site.whole_only = True
    with pytest.raises(UserError, match="sends no parts of files; download it, and name the copy"):
        open_read_only(uri, 10, 20)
    site.without_size = True
    with pytest.raises(OSError, match="does not tell the size of this file"):
        read_only_state(uri)
    with pytest.raises(OSError, match="refused"):
        read_only_state("http://127.0.0.1:9/a.txt")


@pytest.fixture
def hub(site, monkeypatch):
    import huggingface_hub.constants as constants
    import huggingface_hub.hf_file_system as module

    monkeypatch.setattr(constants, "ENDPOINT", site.address)
    monkeypatch.setattr(module.constants, "ENDPOINT", site.address)
    monkeypatch.setattr(
        constants, "HUGGINGFACE_CO_URL_TEMPLATE", site.address + "/{repo_id}/resolve/{revision}/{filename}"
    )
    from beam_jobs.storage import hub_datasets

    client = module.HfFileSystem(endpoint=site.address, token="hf_x", skip_instance_cache=True)
    monkeypatch.setattr(hub_datasets, "_client", lambda: client)
    for revision in ("main", COMMIT):
        site.files[f"datasets/org/name/resolve/{revision}/nb/a.jsonl"] = DATA
        site.files[f"datasets/org/name/resolve/{revision}/nb/b.jsonl"] = b"{}\n"
        site.files[f"datasets/org/name/resolve/{revision}/README.md"] = b"#"
    return site


def test_a_dataset_of_the_hub_is_listed_and_read_in_parts(hub):
    found = read_only_files("hf://datasets/org/name")
    assert [(uri, size) for uri, size, _ in found] == [
        ("hf://datasets/org/name/README.md", 1),
        ("hf://datasets/org/name/nb/a.jsonl", len(DATA)),
        ("hf://datasets/org/name/nb/b.jsonl", 3),
    ]
    assert all(version for *_, version in found)
    uri = found[1][0]
    with storage.open_stream(uri, 1000, 2000) as stream:
        assert stream.read(500) == DATA[1000:1500]
    assert read_only_state(uri) == (len(DATA), found[1][2])
    assert [uri.rpartition("/")[2] for uri, *_ in read_only_files("hf://datasets/org/name/nb/*.jsonl")] == [
        "a.jsonl",
        "b.jsonl",
    ]
    with pytest.raises(FileNotFoundError):
        read_only_state("hf://datasets/org/name/nb/c.jsonl")
    for wrong in ("hf://org/name", "hf://datasets/org", "hf://models/org/name"):
        with pytest.raises(UserError, match="text is read from hf://datasets/ORG/NAME"):
            read_only_files(wrong)


@pytest.mark.parametrize("where", ["web", "hub"])
def test_a_corpus_from_there_is_that_of_local_copies(hub, tmp_path, where):
    from beam_jobs.jobs.segment.pipeline import run_segment
    from beam_jobs.settings import SegmentSettings

    lines = "".join(
        json.dumps({"id": str(i), "lang": "nb", "text": f"Dette er nummer {i}. Slutt."}) + "\n" for i in range(400)
    )
    texts = {"a.jsonl": lines.encode(), "b.jsonl.gz": gzip.compress(lines.replace("er", "var").encode(), mtime=0)}
    hub.files.clear()
    (tmp_path / "raw").mkdir()
    for name, data in texts.items():
        (tmp_path / "raw" / name).write_bytes(data)
        for place in ("raw", "datasets/org/name/resolve/main", f"datasets/org/name/resolve/{COMMIT}"):
            hub.files[f"{place}/{name}"] = data
    inputs = ("hf://datasets/org/name",) if where == "hub" else tuple(f"{hub.address}/raw/{name}" for name in texts)
    run_segment(SegmentSettings(inputs, str(tmp_path / "there")))
    run_segment(SegmentSettings((str(tmp_path / "raw"),), str(tmp_path / "here")))
    shards = [sorted((tmp_path / out).glob("sentences-*.txt")) for out in ("here", "there")]
    assert [path.read_bytes() for path in shards[0]] == [path.read_bytes() for path in shards[1]]
    stats = [json.loads((tmp_path / out / "corpus_stats.json").read_text()) for out in ("here", "there")]
    assert stats[0]["sources"] == stats[1]["sources"]
    assert stats[0]["documents"] == 800
