"""What the kernels must count, in plain Python, one step after the other."""

import functools
import re
import unicodedata
from collections import Counter

from beam_jobs.duplicates.folded_characters import SCRIPTS_WITHOUT_SPACES
from beam_jobs.quality.character_classes import CLOSING_QUOTES
from beam_jobs.quality.counters import COUNTERS
from beam_jobs.quality.phrases import JAVASCRIPT, LOREM_IPSUM, PHRASES, POLICY
from beam_jobs.quality.stop_words import STOP_WORDS
from beam_jobs.text.stops import ALL_STOPS


@functools.cache
def major(character: str) -> str:
    return unicodedata.category(character)[0]


@functools.cache
def is_lone(character: str) -> bool:
    return major(character) in "LNM" and any(first <= ord(character) <= last for first, last in SCRIPTS_WITHOUT_SPACES)


def words_of(line: str) -> list[str]:
    found = []
    for part in line.split():
        word = ""
        for character in part:
            if word and (is_lone(character) or is_lone(word[-1])):
                found.append(word)
                word = ""
            word += character
        found.append(word)
    return found


def phrases_in(line: str) -> int:
    lowered = "".join(chr(ord(c) | 0x20) if "A" <= c <= "Z" else c for c in line)
    flags = 0
    for phrase, flag in PHRASES.items():
        for match in re.finditer(f"(?={phrase})", lowered):
            if match.start() == 0 or not lowered[match.start() - 1].isalpha():
                flags |= flag
    return flags


def ends_a_sentence(word: str) -> bool:
    return word.rstrip(CLOSING_QUOTES)[-1:] in set(ALL_STOPS)


def repeats(items: list, lengths: list[int]) -> tuple[int, int]:
    seen, number, characters = set(), 0, 0
    for item, length in zip(items, lengths, strict=True):
        if item in seen:
            number, characters = number + 1, characters + length
        seen.add(item)
    return number, characters


def top_ngram(words: list[str], size: int) -> int:
    ngrams = [tuple(words[i : i + size]) for i in range(len(words) - size + 1)]
    if not ngrams:
        return 0
    ngram, times = Counter(ngrams).most_common(1)[0]
    return len(" ".join(ngram)) * times


def repeated_ngrams(words: list[str], size: int) -> int:
    seen, characters, i = set(), 0, 0
    while i + size <= len(words):
        ngram = tuple(words[i : i + size])
        if ngram in seen:
            characters += len("".join(ngram))
            i += size
        else:
            seen.add(ngram)
            i += 1
    return characters


def counters(text: str, language: str) -> dict[str, int]:
    text = text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    row = dict.fromkeys(COUNTERS, 0)
    row["characters"], row["newlines"] = len(text), text.count("\n")
    for column, category in (("letters", "L"), ("digits", "N"), ("marks", "M")):
        row[column] = sum(major(character) == category for character in text)
    row["lone_characters"] = sum(map(is_lone, text))
    row["hashes"] = text.count("#")
    row["ellipses"] = text.count("...") + text.count("…")
    row["braces"] = text.count("{") + text.count("}")
    row["replacement_characters"] = text.count("\ufffd")

    lines = [line.strip() for line in text.split("\n")]
    words = [word for line in lines for word in words_of(line)]
    text_words = [word for word in words if any(major(character) in "LNM" for character in word)]
    row["words"], row["text_words"] = len(words), len(text_words)
    row["text_word_characters"] = sum(map(len, text_words))
    row["alphabetic_words"] = sum(any(character.isalpha() for character in word) for word in words)
    row["longest_word"] = max(map(len, words), default=0)
    row["stop_words"] = -1
    if language in STOP_WORDS:
        row["stop_words"] = sum(
            any(spelling in words for spelling in (word, word.capitalize())) for word in STOP_WORDS[language].split()
        )

    for line in filter(None, lines):
        mine, flags = words_of(line), phrases_in(line)
        ended = line[-1] in ALL_STOPS + CLOSING_QUOTES
        ellipsis = line.endswith(("...", "…"))
        row["lines"] += 1
        row["short_lines"] += len(line) <= 30
        row["punctuated_lines"] += line[-1] in ALL_STOPS.replace("…", "")
        row["bullet_lines"] += line[0] in "•-"
        row["ellipsis_lines"] += ellipsis
        row["javascript_lines"] += bool(flags & JAVASCRIPT)
        row["lorem_ipsum_lines"] += bool(flags & LOREM_IPSUM)
        row["policy_lines"] += bool(flags & POLICY)
        long = max(map(len, mine)) > 1000
        if len(mine) >= 3 and ended and not ellipsis and not long and not flags & (JAVASCRIPT | POLICY):
            row["c4_lines"] += 1
            row["c4_sentences"] += max(1, sum(map(ends_a_sentence, mine)))

    full = [line for line in lines if line]
    row["repeated_lines"], row["repeated_line_characters"] = repeats(
        [tuple(words_of(line)) for line in full], [len(line) for line in full]
    )
    paragraphs: list[list[str]] = [[]]
    for line in lines:
        paragraphs = [*paragraphs[:-1], [*paragraphs[-1], line]] if line else [*paragraphs, []]
    paragraphs = [paragraph for paragraph in paragraphs if paragraph]
    row["paragraphs"] = len(paragraphs)
    row["repeated_paragraphs"], row["repeated_paragraph_characters"] = repeats(
        [tuple(tuple(words_of(line)) for line in paragraph) for paragraph in paragraphs],
        [len("\n".join(paragraph)) for paragraph in paragraphs],
    )
    for size in (2, 3, 4):
        row[f"top_{size}_gram_characters"] = top_ngram(words, size)
    for size in range(5, 11):
        row[f"repeated_{size}_gram_characters"] = repeated_ngrams(words, size)
    row["confidence"] = -1
    return row
