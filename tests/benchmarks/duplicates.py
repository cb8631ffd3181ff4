"""The keys of documents measured: MB of text per CPU-second on one core, beside datasketch and rensa.

    python tests/benchmarks/duplicates.py --text FILE [--passes 3]

FILE is a .jsonl file with a "text" in each line, or a plain text with a document a paragraph; .gz too. All make MinHash
signatures of 128 lanes from shingles of three words. The others are given the shingles of lower-cased text split at
white space, which is less work than ours: no punctuation is removed. One that is not installed is a line that says so.
"""

import argparse
import gzip
import importlib
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from beam_jobs.duplicates.document_keys import LANES, SHINGLE_WORDS, document_keys, lane_permutations
from beam_jobs.duplicates.folded_characters import folded_characters
from beam_jobs.duplicates.keys_kernel import key_documents
from beam_jobs.duplicates.line_keys import line_keys
from beam_jobs.text.segment import segment


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", type=Path, required=True, help="a .jsonl or text file, may end in .gz")
    parser.add_argument("--passes", type=int, default=3, help="timed passes, the best counts (default: 3)")
    arguments = parser.parse_args()
    texts = read_texts(arguments.text)
    size = sum(len(text.encode()) for text in texts) / 1e6
    print(f"{len(texts)} documents, {size:.1f} MB; MB per CPU-second")
    for name, run in contenders(texts).items():
        try:
            run(texts[:10])  # compiles and imports
        except ImportError as error:
            print(f"{name:44} not measured: {error}")
            continue
        print(f"{name:44} {size / best_seconds(run, texts, arguments.passes):8.1f}", flush=True)


def read_texts(file: Path) -> list[str]:
    """The documents of the file."""
    data = file.read_bytes()
    content = (gzip.decompress(data) if file.suffix == ".gz" else data).decode()
    if ".jsonl" in file.suffixes:
        return [json.loads(line)["text"] for line in content.splitlines()]
    return [text for text in content.split("\n\n") if text.strip()]


def best_seconds(run: Callable[[list[str]], None], texts: list[str], passes: int) -> float:
    """CPU seconds of the quickest pass."""
    best = float("inf")
    for _ in range(passes):
        start = time.process_time()
        run(texts)
        best = min(best, time.process_time() - start)
    return best


def contenders(texts: list[str]) -> dict[str, Callable[[list[str]], None]]:
    """What is measured, by name."""
    return {
        "key pass, exact and MinHash": kernel_pass(texts, signatures=True),
        "key pass, exact only": kernel_pass(texts, signatures=False),
        "line keys": line_pass(texts),
        "document_keys of strings, exact and MinHash": lambda part: void(document_keys(part)),
        "document_keys of strings, exact only": lambda part: void(document_keys(part, signatures=False)),
        "segment, for comparison (rules of nb)": lambda part: void([segment(text, "nb") for text in part]),
        "datasketch MinHash": with_datasketch,
        "rensa RMinHash": lambda part: with_rensa("RMinHash", part),
        "rensa CMinHash": lambda part: with_rensa("CMinHash", part),
    }


def void(_: object) -> None:
    """Drop a result."""


def kernel_pass(texts: list[str], signatures: bool) -> Callable[[list[str]], None]:
    """The compiled pass alone, over UTF-8 that lies ready as the segment job has it."""
    encoded = [text.encode() for text in texts]
    ends = np.cumsum([len(text) for text in encoded], dtype=np.int64)
    data = np.frombuffer(b"".join(encoded), np.uint8)
    words, exact = np.empty(len(ends), np.int64), np.empty((len(ends), 2), np.uint64)
    lanes = np.empty((len(ends) if signatures else 0, LANES), np.uint32)

    def run(part: list[str]) -> None:
        count = len(part)
        outputs = words[:count], exact[:count], lanes[:count]
        key_documents(data, ends[:count], folded_characters(), SHINGLE_WORDS, *lane_permutations(), *outputs)

    return run


def line_pass(texts: list[str]) -> Callable[[list[str]], None]:
    """The compiled pass over the lines of the documents."""
    data = np.frombuffer("".join(f"{text}\n" for text in texts).encode(), np.uint8)
    ends = np.flatnonzero(data == ord("\n")) + 1

    def run(part: list[str]) -> None:
        line_keys(data, ends[: len(part)] if len(part) < len(texts) else ends)

    return run


def shingles(text: str) -> list[str]:
    """Three words each."""
    words = text.lower().split()
    return [" ".join(words[i : i + SHINGLE_WORDS]) for i in range(max(1, len(words) - SHINGLE_WORDS + 1))]


def with_datasketch(texts: list[str]) -> None:
    """As its documentation says: a batch of shingles at once."""
    minhash = importlib.import_module("datasketch").MinHash
    for text in texts:
        signature = minhash(num_perm=LANES)
        signature.update_batch([shingle.encode() for shingle in shingles(text)])


def with_rensa(kind: str, texts: list[str]) -> None:
    """One of the two classes of rensa."""
    minhash = getattr(importlib.import_module("rensa"), kind)
    for text in texts:
        signature = minhash(num_perm=LANES, seed=1)
        signature.update(shingles(text))
        signature.digest()


if __name__ == "__main__":
    main()
