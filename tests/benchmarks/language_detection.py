"""Language detection measured: recall by language and length of text, speed, and what a job would keep and drop.

    python tests/benchmarks/language_detection.py --gold DIR [--text FILE] [--lengths 50,100,200,400,1000] [--passes 3]

DIR holds .jsonl files with the fields "lang", "text" and "sentences" in each line, a paragraph, as `segmentation.py` reads them.
Its texts are cut in two ways: into windows of so many characters, at a space, and into whole sentences until
there are so many characters. FILE is a .jsonl file with the fields "lang" and "text" in each line, .gz too: its table of declared
and detected languages is printed, the decisions that the whole of a document would change, and the speed.
"""

import argparse
import gzip
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from beam_jobs.language_detection import detect_languages as module
from beam_jobs.language_detection.detect_languages import DetectedLanguage, detect_languages
from beam_jobs.language_detection.norwegian import nynorsk_words

SHOWN = ("nb", "nn", "da", "sv", "en")
Labelled = list[tuple[str, str]]  # language, text


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gold", type=Path, help="a folder of .jsonl files with lang, text and sentences")
    parser.add_argument("--text", type=Path, help="a .jsonl or .jsonl.gz file with lang and text")
    parser.add_argument("--lengths", default="50,100,200,400,1000", help="lengths of texts in characters")
    parser.add_argument("--passes", type=int, default=3, help="timed passes, the best counts (default: 3)")
    arguments = parser.parse_args()
    if arguments.gold:
        for length in map(int, arguments.lengths.split(",")):
            report(f"windows of {length} characters", list(windows(arguments.gold, length)))
            report(f"sentences, {length} characters or more", list(sentences(arguments.gold, length)))
        whole = list(windows(arguments.gold, 400))
        report("windows of 400 in capitals", [(language, text.upper()) for language, text in whole])
        report("windows of 400, 3 % misread", [(language, misread(text, 0.03)) for language, text in whole])
    if arguments.text:
        documents(arguments.text, arguments.passes)


def detect(texts: list[str], keep: tuple[str, ...] = ()) -> list[DetectedLanguage]:
    """The product's decision on each text."""
    return detect_languages(texts, *encoded(texts), keep)


def encoded(texts: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """The UTF-8 of the texts, and where each ends."""
    parts = [text.encode() for text in texts]
    return np.frombuffer(b"".join(parts), np.uint8), np.cumsum([len(part) for part in parts], dtype=np.int64)


def paragraphs(folder: Path) -> Iterator[tuple[str, Iterator[dict]]]:
    """The lines of each file, with the language of the first."""
    for file in sorted(folder.glob("*.jsonl")):
        lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        yield lines[0]["lang"], iter(lines)


def windows(folder: Path, length: int) -> Iterator[tuple[str, str]]:
    """The texts of each file, joined and cut at the last space before so many characters."""
    for language, lines in paragraphs(folder):
        rest = "\n".join(line["text"] for line in lines)
        while len(rest) >= length:
            cut = rest.rfind(" ", 0, length)
            cut = cut if cut > length // 2 else length
            yield language, rest[:cut]
            rest = rest[cut:].lstrip()


def sentences(folder: Path, length: int) -> Iterator[tuple[str, str]]:
    """Sentences of each file, joined by spaces until there are so many characters."""
    for language, lines in paragraphs(folder):
        part = ""
        for sentence in (sentence for line in lines for sentence in line["sentences"]):
            part = f"{part} {sentence}".lstrip()
            if len(part) >= length:
                yield language, part
                part = ""


def misread(text: str, share: float) -> str:
    """The text with this share of its letters replaced by others of the text, as bad optical recognition does."""
    draw = random.Random(7)
    letters = [character for character in text if character.isalpha()] or [" "]
    return "".join(
        draw.choice(letters) if character.isalpha() and draw.random() < share else character for character in text
    )


def report(name: str, labelled: Labelled) -> None:
    """Recall of all texts and of some languages, and what `--languages nb,nn` would drop of each."""
    languages = np.array([language for language, _ in labelled])
    found = detect([text for _, text in labelled], ("nb", "nn"))
    right = np.array([code == language for (code, *_), language in zip(found, languages, strict=True)])
    foreign = np.array([one.foreign for one in found])
    recall = {language: right[languages == language].mean() for language in sorted(set(languages))}
    worst = min(recall, key=lambda language: recall[language])
    print(
        f"{name:36} {len(labelled):6}  all {right.mean():.4f}  "
        + "  ".join(f"{language} {recall[language]:.3f}" for language in SHOWN if language in recall)
        + f"  worst {worst} {recall[worst]:.3f}"
    )
    dropped = {language: foreign[languages == language].mean() for language in recall}
    print(
        f"{'  dropped by --languages nb,nn':36} {'':6}  "
        + "  ".join(f"{language} {dropped[language]:.3f}" for language in SHOWN if language in dropped),
        flush=True,
    )


def documents(file: Path, passes: int) -> None:
    """The table of one corpus, and the speed."""
    data = file.read_bytes()
    content = (gzip.decompress(data) if file.suffix == ".gz" else data).decode()
    rows = [json.loads(line) for line in content.splitlines()]
    texts = [row["text"] for row in rows]
    utf8, ends = encoded(texts)
    best = float("inf")
    for _ in range(passes + 1):
        start = time.process_time()
        found = detect_languages(texts, utf8, ends)
        best = min(best, time.process_time() - start)
    print(f"{len(texts)} documents, {utf8.size / 1e6:.1f} MB: {utf8.size / 1e6 / best:.1f} MB per CPU-second")
    table = Counter(
        (row.get("lang", ""), one.code if one.sure else "unsure") for row, one in zip(rows, found, strict=True)
    )
    for (declared, detected), number in table.most_common():
        print(f"  declared {declared or 'nothing'}, detected {detected}: {number}")
    for code, sign in (("nn", 1), ("nb", -1)):
        counts = [sign * nynorsk_words(text) for text, one in zip(texts, found, strict=True) if one.code == code]
        wrong = sum(count <= 0 for count in counts)
        print(f"  {wrong} of {len(counts)} detected {code} have no more words of {code} than of the other standard")
    module.WINDOWS = (int(utf8.size),)
    whole = detect_languages(texts, utf8, ends)
    changed = sum(a.code != b.code for a, b in zip(found, whole, strict=True))
    print(f"  {changed} of {len(texts)} are another language if the whole document is read")


if __name__ == "__main__":
    main()
