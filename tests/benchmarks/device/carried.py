"""Makes the folder that `device_check.py` needs on a machine without a network: wheels, shards and a reference.

    .venv/bin/python tests/benchmarks/device/carried.py .device

wheels/          what such a machine lacks: Keras and four small packages, for Python 3.12 on x86-64 Linux
instances/       instance shards of the text that ships with Python, of length 128. Their vocabulary is filled up with
                 pieces that do not occur, to multilingual BERT's 119,547, so that the word table has its real size
reference.json   the figures of `parity.py` on this machine's CPU
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent.parent
sys.path.insert(0, str(ROOT))

WHEELS = ("keras==3.15.1", "namex==0.1.0", "optree==0.20.0", "isal==1.9.1", "google-crc32c==1.9.0")
PLATFORMS = ("manylinux_2_28", "manylinux_2_27", "manylinux_2_17", "manylinux2014", "manylinux1")
LEARNED = 4000


def main() -> None:
    """Make the folder, and say how large it is."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", metavar="DIR")
    parser.add_argument("--no_wheels", action="store_true", help="for a machine that has Keras")
    parser.add_argument("--vocab_size", type=int, default=119547)
    parser.add_argument("--documents", type=int, default=0, help="of the text; 0: all")
    options = parser.parse_args()
    folder = Path(options.folder).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    if not options.no_wheels:
        _download(folder / "wheels")
    _write_shards(folder / "instances", options.vocab_size, options.documents)
    command = [sys.executable, str(HERE / "parity.py"), "--write", str(folder / "reference.json")]
    subprocess.run(command, check=True, env={**os.environ, "JAX_PLATFORMS": "cpu"}, stdout=subprocess.DEVNULL)
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    print(f"{options.folder}: {size / 1e6:.1f} MB to carry")


def _download(folder: Path) -> None:
    fixed = ["--no-deps", "--only-binary=:all:", "--python-version", "3.12", "--implementation", "cp"]
    platforms = [word for name in PLATFORMS for word in ("--platform", f"{name}_x86_64")]
    command = [sys.executable, "-m", "pip", "download", "--quiet", *fixed, *platforms, "--dest", str(folder), *WHEELS]
    subprocess.run(command, check=True)


def _write_shards(folder: Path, vocab_size: int, documents: int) -> None:
    import beam_jobs
    from beam_jobs.commands.demo import write_raw_text

    with tempfile.TemporaryDirectory(prefix="carried-") as work:
        raw = write_raw_text(Path(work, "raw"))
        if documents:
            raw.write_text("".join(raw.read_text().splitlines(keepends=True)[:documents]))
        vocabulary = f"{work}/vocab"
        beam_jobs.run(
            beam_jobs.VocabularySettings(
                input=(str(raw),), output=vocabulary, vocab_size=min(LEARNED, vocab_size), name="carried"
            )
        )
        _fill_up(Path(vocabulary), vocab_size)
        segment = beam_jobs.SegmentSettings(input=(str(raw),), output=f"{work}/sentences", language="en")
        instances = beam_jobs.InstanceSettings(
            input=(segment.output,),
            output=str(folder),
            model_class=f"{vocabulary}/carried.json",
            dupe_factor=5,
            shard_mb=1,
            num_logged_samples=0,
        )
        beam_jobs.run_corpus(segment, instances)


def _fill_up(folder: Path, vocab_size: int) -> None:
    """Append pieces that do not occur to the vocabulary, and tell its model class."""
    pieces = (folder / "vocab.txt").read_text().splitlines()
    pieces += [f"[unused{number}]" for number in range(10_000, 10_000 + vocab_size - len(pieces))]
    text = "".join(f"{piece}\n" for piece in pieces).encode()
    (folder / "vocab.txt").write_bytes(text)
    model_class = json.loads((folder / "carried.json").read_text())
    model_class |= {"vocab_size": len(pieces), "vocab_sha256": hashlib.sha256(text).hexdigest()}
    model_class["config"]["vocab_size"] = len(pieces)
    (folder / "carried.json").write_text(json.dumps(model_class))


if __name__ == "__main__":
    main()
