"""The counters of quality measured: MB of text per CPU-second on one core, without and with n-grams, and the rules.

    python tests/benchmarks/quality.py --text FILE [--passes 3]

FILE is a .jsonl file with a "text" and perhaps a "lang" in each line; .gz too. The line of n-gram repetition is the time
that n-grams add. Four hostile texts follow, each of 1 and of 10 MB: linear is a ratio of about 10. Last, the share of
the documents that each rule would drop.
"""

import argparse
import gzip
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from beam_jobs.quality.count_documents import count_documents, count_utf8
from beam_jobs.quality.rule import would_drop
from beam_jobs.quality.rules import RULES
from beam_jobs.quality.stop_words import stop_word_row

HOSTILE = {"one line of one letter": "a", "braces": "{", "words of one letter": "a ", "lines of one letter": "b\n"}


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", type=Path, required=True, help="a .jsonl file, may end in .gz")
    parser.add_argument("--passes", type=int, default=3, help="timed passes, the best counts (default: 3)")
    arguments = parser.parse_args()
    texts, languages = read_documents(arguments.text)
    encoded = [text.encode() for text in texts]
    data, ends = np.frombuffer(b"".join(encoded), np.uint8), np.cumsum([len(text) for text in encoded], dtype=np.int64)
    rows = np.array([stop_word_row(language) for language in languages], np.int64)
    size = data.size / 1e6
    print(f"{len(texts)} documents, {size:.1f} MB; MB per CPU-second")
    counting = best_seconds(lambda: count_utf8(data, ends, rows, ngrams=False), arguments.passes)
    both = best_seconds(lambda: count_utf8(data, ends, rows), arguments.passes)
    strings = best_seconds(lambda: count_documents(texts, languages), arguments.passes)
    counted = count_documents(texts, languages)
    judging = best_seconds(lambda: would_drop(counted, RULES), arguments.passes)
    report = {
        "counters": counting,
        "n-gram repetition": both - counting,
        "both": both,
        "both, of strings": strings,
        "all rules over the rows": judging,
    }
    for name, seconds in report.items():
        print(f"{name:30} {size / seconds:10.1f}")
    for name, unit in HOSTILE.items():
        small, large = (seconds_of_text(unit * (size // len(unit))) for size in (10**6, 10**7))
        print(f"{name:30} {10 / large:10.1f}   10 MB took {large / small:.1f} times as long as 1 MB")
    shares = would_drop(counted, RULES).mean(axis=0)
    for rule, share in zip(RULES, shares, strict=True):
        print(f"{rule.name:36} {100 * share:6.2f} %")


def read_documents(file: Path) -> tuple[list[str], list[str]]:
    """The texts and the languages."""
    data = file.read_bytes()
    records = [json.loads(line) for line in (gzip.decompress(data) if file.suffix == ".gz" else data).splitlines()]
    return [record["text"] for record in records], [record.get("lang") or "" for record in records]


def seconds_of_text(text: str) -> float:
    """CPU seconds of all counters of one document."""
    return best_seconds(lambda: count_documents([text], ["nb"]), passes=2)


def best_seconds(run: Callable[[], object], passes: int) -> float:
    """CPU seconds of the quickest pass after one that compiles."""
    run()
    best = float("inf")
    for _ in range(passes):
        start = time.process_time()
        run()
        best = min(best, time.process_time() - start)
    return best


if __name__ == "__main__":
    main()
