"""Verdicts of Gopher's and FineWeb's rules beside those of datatrove, given the same words (what white space separates).

    pip install datatrove
    python tests/benchmarks/quality_datatrove.py --text FILE [--language nb]
    python tests/benchmarks/quality_datatrove.py --golden tests/beam_jobs/quality/datatrove_golden.json

With --text (a .jsonl file with a "text" in each line; .gz too) it prints the share of the documents on which both agree, and
the documents on which they do not. With --golden it writes made-up documents and datatrove's verdicts for the tests.
"""

import argparse
import gzip
import json
import random
import sys
from importlib.metadata import version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from beam_jobs.quality.count_documents import count_documents
from beam_jobs.quality.rule import dropping_rules
from beam_jobs.quality.rules import RULES
from beam_jobs.quality.stop_words import STOP_WORDS

REPETITION = ("gopher_repeated", "gopher_top")
FILTERS = ("gopher_quality", "gopher_repetition", "fineweb")
WORDS = [
    "the",
    "of",
    "and",
    "to",
    "have",
    "with",
    "that",
    "a",
    "house",
    "river",
    "winter",
    "people",
    "small",
    "long",
    "read",
    "wrote",
    "1984",
    "--",
    "*",
    "ship",
    "market",
]


def main() -> None:
    """Compare, or write the golden file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", type=Path, help="a .jsonl file, may end in .gz")
    parser.add_argument("--golden", type=Path, help="the file to write")
    parser.add_argument("--language", default="en", help="whose stop words both use (default: en)")
    arguments = parser.parse_args()
    if arguments.golden:
        texts = [made_up(seed) for seed in range(120)]
        found = {
            "datatrove": version("datatrove"),
            "filters": FILTERS,
            "documents": list(zip(texts, of_datatrove(texts), strict=True)),
        }
        arguments.golden.write_text(json.dumps(found, indent=0) + "\n")
    if arguments.text:
        opened = gzip.open if arguments.text.suffix == ".gz" else open
        with opened(arguments.text, "rt", encoding="utf-8") as lines:
            texts = [json.loads(line)["text"] for line in lines]
        compare(texts, arguments.language)


def compare(texts: list[str], language: str) -> None:
    """Print for each filter on how many documents both agree."""
    theirs, ours = of_datatrove(texts, language), of_beambert(texts, language)
    for number, name in enumerate(FILTERS):
        other = [i for i in range(len(texts)) if theirs[i][number] != ours[i][number]]
        dropped = sum(row[number] for row in theirs)
        print(f"{name:20} {1 - len(other) / len(texts):.3%} of {len(texts):,} agree; datatrove drops {dropped:,}")
        for i in other[:10]:
            print(f"    document {i}: datatrove {'drops' if theirs[i][number] else 'keeps'}: {texts[i][:80]!r}")


def of_beambert(texts: list[str], language: str = "en") -> list[list[bool]]:
    """Whether each of FILTERS drops each text, by the rules of beambert."""
    verdicts = []
    for row in count_documents(texts, [language] * len(texts)):
        names = [rule.name for rule in dropping_rules(row, RULES)]
        repeats = any(name.startswith(REPETITION) for name in names)
        quality = any(name.startswith("gopher_") and not name.startswith(REPETITION) for name in names)
        verdicts.append([quality, repeats, any(name.startswith("fineweb_") for name in names)])
    return verdicts


def of_datatrove(texts: list[str], language: str = "en") -> list[list[bool]]:
    """The same by datatrove, whose word splitter is replaced by `str.split`."""
    from datatrove.data import Document
    from datatrove.pipeline.filters import fineweb_quality_filter, gopher_quality_filter, gopher_repetition_filter

    for module in (fineweb_quality_filter, gopher_quality_filter, gopher_repetition_filter):
        module.split_into_words = lambda text, language: text.split()
    filters = (
        gopher_quality_filter.GopherQualityFilter(stop_words=STOP_WORDS[language].split()),
        gopher_repetition_filter.GopherRepetitionFilter(),
        fineweb_quality_filter.FineWebQualityFilter(),
    )
    return [[one.filter(Document(text=text, id="")) is not True for one in filters] for text in texts]


def made_up(seed: int) -> str:
    """A document of random sentences, some of which repeat, with few or many of what the rules look for."""
    draw = random.Random(seed)
    words = draw.sample(WORDS, draw.randint(4, len(WORDS)))
    repeat, bullet, ellipsis, stop = (draw.choice((0, 0, 0.1, 0.5, 0.95)) for _ in range(4))
    lines: list[str] = []
    for _ in range(draw.randint(1, 16)):
        if lines and draw.random() < repeat:
            lines.append(draw.choice(lines))
            continue
        line = " ".join(draw.choices(words, k=draw.choice((2, 5, 9, 20)))) + (" #" if draw.random() < 0.1 else "")
        end = "..." if draw.random() < ellipsis else "" if draw.random() < stop else "."
        lines.append(("- " if draw.random() < bullet else "") + line + end)
    # datatrove counts blank lines too, of which a share ends in an ellipsis; these are no lines here
    return ("\n" if bullet or ellipsis else draw.choice(("\n", "\n\n"))).join(lines)


if __name__ == "__main__":
    main()
