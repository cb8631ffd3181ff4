"""Sentence segmentation measured: boundary F1 per language on gold paragraphs, and MB/s on one core.

    python tests/benchmarks/segmentation.py --gold DIR [--challenge FILE ...] [--variants]

DIR holds `*.jsonl` files, one paragraph a line: {"lang": "nb", "text": "...", "sentences": ["...", ...]}.

F1 counts the boundaries between the sentences of a paragraph (the end of a paragraph is given); a boundary is the number of
non-space characters before it. Speed is bytes of UTF-8 text per CPU second, the best of several passes: (a) each
language's paragraphs one by one, (b) all of them as one long document with a paragraph a line.
"""

import argparse
import json
import random
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from beam_jobs.text.segment import segment

Paragraph = tuple[str, list[str]]  # text and gold sentences

OCR_CONFUSIONS = {"e": "c", "l": "1", "o": "0", "i": "l", "n": "u", "å": "a", "a": "o", "s": "5", ".": ",", ",": "."}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gold", type=Path, required=True, help="folder of gold .jsonl files, one per treebank")
    parser.add_argument("--challenge", type=Path, nargs="*", default=[], help="more gold files, kept out of the mean")
    parser.add_argument(
        "--variants",
        action="store_true",
        help="also F1 on lower-cased, upper-cased, hard-wrapped and OCR-noised text, and with 20 %% of punctuation lost",
    )
    parser.add_argument("--passes", type=int, default=5, help="timed passes, the best counts (default: 5)")
    parser.add_argument("--size_mb", type=float, default=10, help="MB of text in the long document (default: 10)")
    parser.add_argument("--seed", type=int, default=42, help="seed of the noise (default: 42)")
    arguments = parser.parse_args()
    files = sorted(arguments.gold.glob("*.jsonl"))
    if not files:
        parser.error(f"no .jsonl file in {arguments.gold}: --gold names the folder of the gold files")
    variants = VARIANTS if arguments.variants else {"as is": VARIANTS["as is"]}
    print(f"{'treebank':28} {'MB/s':>6} " + " ".join(f"{name:>14}" for name in variants))
    means = {name: [] for name in variants}
    everything: list[tuple[str, str]] = []
    for file in [*files, *arguments.challenge]:
        language, paragraphs = read_gold(file)
        texts = [text for text, _ in paragraphs]
        speed = megabytes_per_second([(text, language) for text in texts], arguments)
        scores = {}
        for name, change in variants.items():
            noise = random.Random(f"{arguments.seed} {file.stem} {name}")
            scores[name] = boundary_f1(language, [change(paragraph, noise) for paragraph in paragraphs])
            if file in files:
                means[name].append(scores[name])
        if file in files:
            everything.append(("\n".join(texts), language))
        print(f"{file.stem:28} {speed:6.1f} " + " ".join(f"{score:14.4f}" for score in scores.values()))
    mean_row = " ".join(f"{sum(values) / len(values):14.4f}" for values in means.values())
    print(f"{f'mean of {len(files)}':28} {megabytes_per_second(everything, arguments):6.1f} {mean_row}")
    long_text = "\n".join(text for text, _ in everything)
    long_text *= max(1, round(arguments.size_mb * 1e6 / len(long_text.encode())))
    for language in ("nb", "en", ""):
        speed = megabytes_per_second([(long_text, language)], arguments)
        name = language or "neutral"
        print(f"{f'long text, {name} rules':28} {speed:6.1f}  ({len(long_text.encode()) / 1e6:.0f} MB in one call)")


def read_gold(file: Path) -> tuple[str, list[Paragraph]]:
    """The language of a gold file and its paragraphs."""
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    return rows[0]["lang"], [(row["text"], row["sentences"]) for row in rows]


def boundary_f1(language: str, paragraphs: list[Paragraph]) -> float:
    """Harmonic mean of precision and recall over all boundaries inside the paragraphs."""
    found = right = gold = 0
    for text, sentences in paragraphs:
        ours, theirs = boundaries(segment(text, language)), boundaries(sentences)
        found, gold, right = found + len(ours), gold + len(theirs), right + len(ours & theirs)
    return 2 * right / max(1, found + gold)


def boundaries(sentences: list[str]) -> set[int]:
    """Non-space characters before each boundary inside a paragraph."""
    ends, length = set(), 0
    for sentence in sentences[:-1]:
        length += sum(map(len, sentence.split()))
        ends.add(length)
    return ends


def megabytes_per_second(calls: list[tuple[str, str]], arguments: argparse.Namespace) -> float:
    """10^6 bytes of UTF-8 a CPU second: the best of several passes, each over a third of --size_mb or more."""
    size = sum(len(text.encode()) for text, _ in calls)
    repeats = max(1, round(arguments.size_mb * 1e6 / 3 / max(1, size)))
    best = float("inf")
    for _ in range(arguments.passes):
        start = time.process_time()
        for _ in range(repeats):
            for text, language in calls:
                segment(text, language)
        best = min(best, (time.process_time() - start) / repeats)
    return size / best / 1e6


def each_sentence(change: Callable[[str, random.Random], str]) -> Callable[[Paragraph, random.Random], Paragraph]:
    """A variant that changes the sentences of a paragraph one by one."""

    def changed(paragraph: Paragraph, noise: random.Random) -> Paragraph:
        parts = [(change(sentence, noise), gap) for sentence, gap in sentences_and_gaps(paragraph)]
        kept = [(sentence, gap) for sentence, gap in parts if sentence.strip()]
        return "".join(sentence + gap for sentence, gap in kept), [sentence for sentence, _ in kept]

    return changed


def sentences_and_gaps(paragraph: Paragraph) -> Iterator[tuple[str, str]]:
    """The gold sentences, each with the white space that follows it in the text."""
    text, sentences = paragraph
    at = 0
    for sentence in sentences:
        for character in "".join(sentence.split()):
            at = text.index(character, at) + 1
        gap = len(text[at:]) - len(text[at:].lstrip())
        yield sentence, text[at : at + gap]
        at += gap


def lose_punctuation(sentence: str, noise: random.Random) -> str:
    """Every fifth punctuation mark is missing."""
    return "".join(c for c in sentence if c.isalnum() or c.isspace() or noise.random() >= 0.2)


def ocr_noise(sentence: str, noise: random.Random) -> str:
    """Every fiftieth of the characters that scanners confuse is confused."""
    return "".join(OCR_CONFUSIONS[c] if c in OCR_CONFUSIONS and noise.random() < 0.02 else c for c in sentence)


def hard_wrap(paragraph: Paragraph, noise: random.Random) -> Paragraph:
    """Lines broken at 72 characters, as in e-mail and old text files."""
    return wrapped(paragraph[0], lambda: 72), paragraph[1]


def column(paragraph: Paragraph, noise: random.Random) -> Paragraph:
    """Lines of 34 to 40 characters, as in the scanned columns of a newspaper, whose letters are of different widths."""
    return wrapped(paragraph[0], lambda: noise.randint(34, 40)), paragraph[1]


def short_paragraphs(paragraph: Paragraph, noise: random.Random) -> Paragraph:
    """Paragraphs of two sentences without blank lines between them, broken at 60 characters."""
    _, sentences = paragraph
    pairs = [" ".join(sentences[first : first + 2]) for first in range(0, len(sentences), 2)]
    return "\n".join(wrapped(pair, lambda: 60) for pair in pairs), sentences


def wrapped(text: str, width: Callable[[], int]) -> str:
    """The text in lines, each as long as the next width allows."""
    lines, line, room = [], "", width()
    for word in text.split():
        if line and len(line) + 1 + len(word) > room:
            lines.append(line)
            line, room = word, width()
        else:
            line = f"{line} {word}" if line else word
    return "\n".join([*lines, line])


VARIANTS: dict[str, Callable[[Paragraph, random.Random], Paragraph]] = {
    "as is": lambda paragraph, noise: paragraph,
    "lower case": each_sentence(lambda sentence, noise: sentence.lower()),
    "upper case": each_sentence(lambda sentence, noise: sentence.upper()),
    "20 % lost": each_sentence(lose_punctuation),
    "OCR": each_sentence(ocr_noise),
    "hard-wrapped": hard_wrap,
    "column": column,
    "short, wrapped": short_paragraphs,
}

if __name__ == "__main__":
    main()
