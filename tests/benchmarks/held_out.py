"""Held-out sets and personal data: how fast text is looked through, and what n-grams of each length find by chance.

    .venv/bin/python tests/benchmarks/held_out.py --text FILE

FILE is a .jsonl file of documents, compressed or not. Its first 200 documents are held out, and the others are looked
through. Prints megabytes of UTF-8 per CPU-second of one core, the best of some runs, and their ratio to the cleaning and
segmentation of the same text.
"""

import argparse
import re
import sys
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from beam_jobs.documents.evaluation_texts import evaluation_files, evaluation_texts
from beam_jobs.held_out.find_held_out import find_held_out
from beam_jobs.held_out.ngram_table import ngram_table
from beam_jobs.personal_data.kinds import KINDS
from beam_jobs.personal_data.mask_texts import mask_texts
from beam_jobs.settings import SegmentSettings
from beam_jobs.text.normalise import normalise
from beam_jobs.text.segment import segment

HELD_OUT = 200
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")


def main() -> None:
    """Read the text and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--text", required=True, help="a .jsonl file of documents with a field `text`")
    parser.add_argument("--documents", type=int, default=20_000, help="read so many")
    parser.add_argument("--repeat", type=int, default=5)
    options = parser.parse_args()
    (file,) = evaluation_files([options.text], "--text")
    found = (text for text in evaluation_texts(file, SegmentSettings(), "--text") if len(text) > 100)
    texts = [normalise(text) for text in islice(found, options.documents)]
    held, others = texts[:HELD_OUT], texts[HELD_OUT:]
    data, ends = in_utf8(others)
    print(f"{len(others):,} documents, {len(data) / 1e6:.1f} MB, beside {HELD_OUT} held out")
    base = best(lambda: [segment(normalise(text), "nb") for text in others], options.repeat)
    tell("cleaning and segmentation", len(data), base, base)
    sentences = [sentence for text in held for sentence in _SENTENCE_END.split(text)]
    for name, words, texts_held in (
        ("13 words", 13, held),
        ("13 words, sentences held out", 13, sentences),
        ("8 words", 8, held),
    ):
        table = ngram_table([("held", texts_held)], words)
        seconds = best(lambda table=table: find_held_out(table, data, ends), options.repeat)
        hit = find_held_out(table, data, ends).documents
        tell(f"n-grams: {name}", len(data), seconds, base, f"{len(table.ngrams):,} n-grams, {len(hit):,} documents hit")
    table = ngram_table([("held", texts)])
    seconds = best(lambda: find_held_out(table, data, ends, 0.1), options.repeat)
    tell("n-grams: all held out, by share", len(data), seconds, base, f"{len(table.ngrams):,} n-grams")
    for kinds in ([kind] for kind in KINDS):
        show_masks(kinds, others, data, ends, base, options.repeat)
    show_masks(list(KINDS), others, data, ends, base, options.repeat)


def show_masks(
    kinds: list[str], texts: list[str], data: np.ndarray, ends: np.ndarray, base: float, repeat: int
) -> None:
    """Print the speed of masks, and what they replaced."""
    seconds = best(lambda: mask_texts(texts, data, ends, kinds), repeat)
    _, masked = mask_texts(texts, data, ends, kinds)
    places = ", ".join(f"{masked.places[kind]:,} {kind}" for kind in kinds)
    tell(f"masks: {', '.join(kinds)}", len(data), seconds, base, places)


def in_utf8(texts: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """The texts one behind the other, uint8, and where each ends, int64."""
    encoded = [text.encode() for text in texts]
    return np.frombuffer(b"".join(encoded), np.uint8), np.cumsum([len(text) for text in encoded], dtype=np.int64)


def best(work: Callable[[], object], repeat: int) -> float:
    """The fewest CPU seconds of some runs."""
    taken = []
    for _ in range(repeat):
        started = time.process_time()
        work()
        taken.append(time.process_time() - started)
    return min(taken)


def tell(name: str, size: int, seconds: float, base: float, more: str = "") -> None:
    """Print a line."""
    print(f"{name:55} {size / seconds / 1e6:8,.0f} MB/s {seconds / base:7.1%}  {more}", flush=True)


if __name__ == "__main__":
    main()
