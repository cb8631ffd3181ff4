"""Documents that look like attacks and lie in every crawl. One sentence each says whose trouble it is.

What is quadratic in any of them takes a hundred times as long as ordinary text of the same size, and more; what is linear
takes a few times as long. So a factor of 30 between their CPU times tells the two apart on any machine.
"""

import json
import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from beam_jobs.__main__ import main

Run = Callable[..., int]
SIZE = 40_000  # characters of a document
LONG = 200_000  # of what Python's own NFC takes half a minute for
MOST_TIMES = 30

HOSTILE = {
    "one letter": "x" * SIZE,
    "one digit": "7" * SIZE,
    "marks": "e" + "\u0301\u0323" * (LONG // 2),
    "marks of every class": "e" + "".join(random.Random(1).choices([chr(c) for c in range(0x300, 0x370)], k=LONG)),
    "marks after capitals": "Σ" + "\u0323\u0301'" * (LONG // 3),
    "no full stop": "ord " * (SIZE // 4),
    "a full stop a letter": "A." * (SIZE // 2),
    "abbreviations": "f.eks. " * (SIZE // 7),
    "lines of a letter": "a\n" * (SIZE // 2),
    "quotation marks": '«"' * (SIZE // 4) + '. Det «"' * (SIZE // 16),
    "brackets": "([{" * (SIZE // 3),
    "punctuation": ".,;:" * (SIZE // 4),
    "hyphens": "a-" * (SIZE // 2),
    "ideographs": "字" * SIZE,
    "stops without a space": "字。" * (SIZE // 2),
    "stops of several scripts": "।.។!" * (SIZE // 4),
    "syllables in letters": "\u1112\u1161\u11ab" * (SIZE // 3),
    "spaces": "a" + " \xa0" * (SIZE // 2) + "b",
    "emoji": "👩\u200d🚀" * (SIZE // 4),
    "wrapped": "ord ord ord ord ord ord ord ord ord\n" * (SIZE // 36),
    "noise": "".join(chr(c) for c in random.Random(2).choices(range(0x20, 0x30000), k=SIZE) if not 0xD7FF < c < 0xE000),
}


def _write(path: Path, texts: list[str], ascii_only: bool) -> Path:
    lines = (json.dumps({"id": str(i), "text": text}, ensure_ascii=ascii_only) for i, text in enumerate(texts))
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The documents, spelt in escapes, and ten thousand tiny ones."""
    tiny = ["a. B"] * (SIZE // 4)
    return _write(tmp_path_factory.mktemp("hostile") / "hostile.jsonl", [*HOSTILE.values(), *tiny], ascii_only=True)


@pytest.fixture(scope="module")
def ordinary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As much text, in ordinary documents."""
    words = random.Random(3).choices(["en", "to", "huset", "ligger", "Oslo.", "Det", "blåbær", "er,"], k=2_000)
    document = " ".join(words)
    size = sum(map(len, HOSTILE.values())) + SIZE
    return _write(
        tmp_path_factory.mktemp("ordinary") / "ordinary.jsonl", [document] * (size // len(document)), ascii_only=False
    )


def _cpu_seconds(run: Callable[[], int]) -> float:
    before = os.times()
    assert run() == 0
    return sum(os.times()[:4]) - sum(before[:4])


def _segment(input: Path, output: Path) -> int:
    given = ["segment", "--input", input, "--output", output, "--language", "nb", "--max_num_cpus", "1"]
    return main(list(map(str, given)))


def _compare(ordinary: Callable[[Path], int], hostile: Callable[[Path], int], folder: Path) -> None:
    ordinary(folder / "first")  # imports, and compiled loops
    expected = _cpu_seconds(lambda: ordinary(folder / "ordinary"))
    took = _cpu_seconds(lambda: hostile(folder / "hostile"))
    assert took < MOST_TIMES * expected


@pytest.fixture(scope="module")
def sentences(tmp_path_factory: pytest.TempPathFactory, hostile: Path, ordinary: Path) -> tuple[Path, Path]:
    """Sentences of the ordinary and of the hostile documents."""
    folder = tmp_path_factory.mktemp("sentences")
    assert _segment(ordinary, folder / "ordinary") == 0
    assert _segment(hostile, folder / "hostile") == 0
    return folder / "ordinary", folder / "hostile"


def test_segment(tmp_path: Path, hostile: Path, ordinary: Path) -> None:
    """One page of a crawl, a letter with a million accents, held up the sentences of everything for a day."""
    _compare(lambda output: _segment(ordinary, output), lambda output: _segment(hostile, output), tmp_path)
    stats = json.loads((tmp_path / "hostile" / "corpus_stats.json").read_text())
    assert stats["documents"] == len(HOSTILE) + SIZE // 4
    assert stats["rejected"] == {}


@pytest.mark.parametrize("casing", [(), ("--lower_case",)], ids=["cased", "lower-cased"])
def test_vocabulary(tmp_path: Path, hostile: Path, ordinary: Path, casing: tuple[str, ...]) -> None:
    """A team that learned a vocabulary waited for one endless word."""

    def run(input: Path, output: Path) -> int:
        given = ["--input", str(input), "--output", str(output), "--vocab_size", "1000", "--max_num_cpus", "1"]
        return main(["vocabulary", *given, *casing])

    _compare(lambda output: run(ordinary, output), lambda output: run(hostile, output), tmp_path)


@pytest.mark.parametrize("casing", [(), ("--lower_case",)], ids=["cased", "lower-cased"])
def test_lint(tmp_path: Path, hostile: Path, ordinary: Path, vocab_file: Path, casing: tuple[str, ...]) -> None:
    """A team that checked a vocabulary on a sample of its crawl never saw the report."""

    def run(input: Path) -> int:
        return main(["vocab", "lint", "--vocab_file", str(vocab_file), "--text", str(input), *casing])

    _compare(lambda _: run(ordinary), lambda _: run(hostile), tmp_path)


@pytest.mark.parametrize(
    "more", [(), ("--objective", "full_sentences", "--shard_mb", "0.05")], ids=["nsp", "small shards"]
)
def test_instances_and_inspect(
    tmp_path: Path, sentences: tuple[Path, Path], vocab_file: Path, more: tuple[str, ...]
) -> None:
    """Sentences by a foreign tool, some of them megabytes long, stopped the making of instances and the look at them."""
    ordinary, hostile = sentences

    def instances(input: Path, output: Path) -> int:
        given = ["--input", str(input), "--output", str(output), "--vocab_file", str(vocab_file), "--max_num_cpus", "1"]
        return main(["instances", *given, "--dupe_factor", "1", *more])

    def inspect(output: Path) -> int:
        return main(["inspect", str(output), "--check", "all", "--max_num_cpus", "1", "--html", f"{output}.html"])

    _compare(lambda output: instances(ordinary, output), lambda output: instances(hostile, output), tmp_path)
    _compare(lambda _: inspect(tmp_path / "ordinary"), lambda _: inspect(tmp_path / "hostile"), tmp_path)
