"""Text of any size whose number of distinct words grows with it, as that of real text does: for `soak.py`.

The documents are real ones, again and again, with a part of their words replaced by made-up words. After n words, there are
K * n**BETA made-up words (Heaps' law, with the constants that fit Norwegian reviews). Which of them is drawn follows
Zipf's law: its rank is log-uniform. The same arguments give the same bytes on every machine.
"""

import gzip
import json
import random
from collections.abc import Iterator
from pathlib import Path

K, BETA = 20.0, 0.6
REPLACED = 0.08
"""The share of words that are made-up ones which occurred before. New ones come on top."""

_SYLLABLES = [consonant + vowel for consonant in "bdfghjklmnprstv" for vowel in "aeiouyæøå"]
_FILE_BYTES = 256 << 20


def distinct_words(words: int) -> int:
    """The number of made-up words in a text of so many words."""
    return int(K * words**BETA)


def made_up_word(number: int) -> str:
    """Another word for each number: two syllables or more, each of two letters."""
    syllables = []
    while number or len(syllables) < 2:
        number, digit = divmod(number, len(_SYLLABLES))
        syllables.append(_SYLLABLES[digit])
    return "".join(syllables)


def documents(texts: list[str], seed: int = 42) -> Iterator[str]:
    """Documents without an end, made from `texts` in turn."""
    split = [text.split(" ") for text in texts]
    uniform = random.Random(seed).random
    words = made = 0
    while True:
        for original in split:
            document = list(original)
            size = len(document)
            words += size
            grown = distinct_words(words)
            for number in range(made, grown):
                document[int(uniform() * size)] = made_up_word(number)
            made = grown
            for _ in range(int(REPLACED * size)):
                document[int(uniform() * size)] = made_up_word(int(made ** uniform()) - 1)
            yield " ".join(document)


def write_text(folder: Path, size: int, texts: list[str], file_bytes: int = _FILE_BYTES) -> int:
    """Write at least `size` bytes of .jsonl files into `folder`; returns their bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    source = documents(texts)
    written = number = 0
    while written < size:
        with (folder / f"part-{written // file_bytes:04d}.jsonl").open("wb") as stream:
            start = written
            while written - start < file_bytes and written < size:
                line = json.dumps({"id": f"{number:08d}", "lang": "nb", "text": next(source)}, ensure_ascii=False)
                written += stream.write(line.encode() + b"\n")
                number += 1
    return written


def read_texts(path: str) -> list[str]:
    """The texts of a .jsonl or .jsonl.gz file; without one, Python's own language reference."""
    if not path:
        from pydoc_data.topics import topics

        return [text for _, text in sorted(topics.items())]
    with gzip.open(path, "rt") if path.endswith(".gz") else Path(path).open() as stream:
        return [json.loads(line)["text"] for line in stream]
