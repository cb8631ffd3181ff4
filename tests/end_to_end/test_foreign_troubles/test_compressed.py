"""How compressed files are opened. One sentence each says whose trouble it is."""

import bz2
import gzip
import json
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from beam_jobs.__main__ import main

Capture = pytest.CaptureFixture[str]
Compress = Callable[[bytes], bytes]


def _zstd(data: bytes) -> bytes:
    return zstandard.ZstdCompressor(write_checksum=True).compress(data)


COMPRESSORS: dict[str, Compress] = {".gz": gzip.compress, ".bz2": bz2.compress, ".zst": _zstd}


def _with_window(data: bytes, exponent: int) -> bytes:
    """A Zstandard frame of raw blocks whose header asks for a window of 2**exponent bytes, as `--long` makes it do."""
    blocks = [data[i : i + 100_000] for i in range(0, len(data), 100_000)]
    body = b"".join((len(b) << 3 | (b is blocks[-1])).to_bytes(3, "little") + b for b in blocks)
    return (0xFD2FB528).to_bytes(4, "little") + bytes([0, (exponent - 10) << 3]) + body


def _lines(first: int, end: int) -> bytes:
    lines = [json.dumps({"id": f"d{i}", "text": f"This is text {i}. It goes on.\nIt ends."}) for i in range(first, end)]
    return "".join(line + "\n" for line in lines).encode()


def _segment(output: Path, path: Path, *more: str) -> int:
    return main(["segment", "--input", str(path), "--output", str(output), *more])


def _shards(output: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in output.glob("sentences-*.txt")}


@pytest.fixture
def plain(tmp_path: Path) -> dict[str, bytes]:
    """The shards of 300 documents, from a file that is not compressed."""
    (tmp_path / "plain.jsonl").write_bytes(_lines(0, 300))
    assert _segment(tmp_path / "plain", tmp_path / "plain.jsonl") == 0
    return _shards(tmp_path / "plain")


@pytest.mark.parametrize("exponent", [28, 31])
def test_long_windows(tmp_path: Path, plain: dict[str, bytes], exponent: int) -> None:
    """A team could not read public dumps that were compressed with `zstd --long=31`: "damaged"."""
    (tmp_path / "plain.jsonl.zst").write_bytes(_with_window(_lines(0, 300), exponent))
    assert _segment(tmp_path / "out", tmp_path / "plain.jsonl.zst") == 0
    assert _shards(tmp_path / "out") == plain


def test_a_window_that_no_machine_holds_is_named(tmp_path: Path, capsys: Capture) -> None:
    """A team was told that its file is damaged when only its window was too long."""
    path = tmp_path / "a.jsonl.zst"
    path.write_bytes(_with_window(_lines(0, 300), 33))
    assert _segment(tmp_path / "out", path) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert f"{path}: its Zstandard window of 8,192 MiB cannot be held in memory" in line


def test_several_frames_and_skippable_ones(tmp_path: Path, plain: dict[str, bytes]) -> None:
    """A team that compresses in parallel, or joins files by `cat`, has files of many frames."""
    skippable = (0x184D2A50).to_bytes(4, "little") + (5).to_bytes(4, "little") + b"table"
    parts = [skippable, _zstd(_lines(0, 100)), _with_window(_lines(100, 200), 29), skippable, _zstd(_lines(200, 300))]
    (tmp_path / "plain.jsonl.zst").write_bytes(b"".join(parts) + skippable)
    assert _segment(tmp_path / "out", tmp_path / "plain.jsonl.zst") == 0
    assert _shards(tmp_path / "out") == plain


@pytest.mark.parametrize("ending", COMPRESSORS)
def test_a_truncated_file_is_one_rejection(tmp_path: Path, ending: str) -> None:
    """A team whose download broke off keeps what stands before the damage and is told once."""
    second = COMPRESSORS[ending](_lines(100, 200))
    path = tmp_path / f"a.jsonl{ending}"
    path.write_bytes(COMPRESSORS[ending](_lines(0, 100)) + second[: len(second) // 2])
    assert _segment(tmp_path / "out", path, "--max_rejected", "1") == 0
    stats = json.loads((tmp_path / "out" / "corpus_stats.json").read_text())
    assert 100 <= stats["documents"] < 200
    rejected = [json.loads(line) for file in (tmp_path / "out" / "rejected").iterdir() for line in file.open()]
    assert "damaged_file" in [line["reason"] for line in rejected]
    assert len([line for line in rejected if line["reason"] == "damaged_file"]) == 1


@pytest.mark.parametrize("ending", [".GZ", ".Bz2", ".ZST"])
def test_capital_endings(tmp_path: Path, vocab_file: Path, ending: str) -> None:
    """A team with `A.TXT.GZ` from an old system got a traceback as soon as the file was larger than a shard and a half."""
    text = "".join(f"This is sentence {i} of it .\nHere is another {i * i} .\n\n" for i in range(3000)).encode()
    (tmp_path / "plain.txt").write_bytes(text)
    (tmp_path / f"A.TXT{ending}").write_bytes(COMPRESSORS[ending.lower()](text))
    for name in ("plain.txt", f"A.TXT{ending}"):
        given = [
            "--input",
            str(tmp_path / name),
            "--output",
            str(tmp_path / f"of {name}"),
            "--vocab_file",
            str(vocab_file),
        ]
        assert main(["instances", *given, "--dupe_factor", "1", "--shard_mb", "0.005"]) == 0
    counts = [
        json.loads((tmp_path / f"of {n}" / "corpus_stats.json").read_text())["counts"] for n in (name, "plain.txt")
    ]
    assert counts[0]["default"]["num_documents"] == counts[1]["default"]["num_documents"] == 3000


def test_inspect_reads_zlib_and_passes_empty_shards(tmp_path: Path, vocab_file: Path, capsys: Capture) -> None:
    """A team with shards by TensorFlow, written as ZLIB and more of them than records, could not look at any of them."""
    text = "".join(f"This is sentence {i} of it .\nHere is another {i * i} .\n\n" for i in range(30))
    (tmp_path / "a.txt").write_text(text)
    made = tmp_path / "made"
    given = ["--output", str(made), "--vocab_file", str(vocab_file), "--dupe_factor", "2", "--nogzipped"]
    assert main(["instances", "--input", str(tmp_path / "a.txt"), *given]) == 0
    (shard,) = made.glob("*.tfrecord")
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "vocab.txt").write_bytes((made / "vocab.txt").read_bytes())
    (theirs / "examples-0.tfrecord").write_bytes(b"")
    (theirs / "examples-1.tfrecord").write_bytes(zlib.compress(shard.read_bytes()))
    (theirs / "examples-2.tfrecord").write_bytes(gzip.compress(b""))
    capsys.readouterr()
    assert main(["inspect", str(made), "--check", "all"]) == 0
    (expected,) = [line for line in capsys.readouterr().out.splitlines() if "checksums and instances are right" in line]
    assert main(["inspect", str(theirs), "--check", "all"]) == 0
    out = capsys.readouterr().out
    assert expected.replace("1 shard", "3 shards") in out
    assert "2 of 3 shards without a record: examples-0.tfrecord, examples-2.tfrecord" in out
    assert main(["inspect", str(theirs / "examples-0.tfrecord")]) == 2
    assert "examples-0.tfrecord: holds no record" in capsys.readouterr().err
    (theirs / "examples-1.tfrecord").write_bytes(zlib.compress(shard.read_bytes())[:-20])
    assert main(["inspect", str(theirs), "--check", "all"]) == 2
    assert "examples-1.tfrecord: the zlib stream ends too early" in capsys.readouterr().err
