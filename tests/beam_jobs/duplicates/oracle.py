"""What the kernels must compute, in plain Python, one step after the other."""

import unicodedata

from beam_jobs.duplicates.document_keys import lane_permutations
from beam_jobs.duplicates.folded_characters import SCRIPTS_WITHOUT_SPACES

MASK = 2**64 - 1
WORD_FACTOR = 0x9E3779B97F4A7C15


def folded_words(text: str) -> list[str]:
    return words_of(unicodedata.normalize("NFC", text))


def words_of(composed: str) -> list[str]:
    words, word = [], ""
    for character in composed + " ":
        part = unicodedata.category(character)[0] in "LNM"
        lone = part and any(first <= ord(character) <= last for first, last in SCRIPTS_WITHOUT_SPACES)
        if part and not lone:
            word += character.lower()[0].replace("ς", "σ")
            continue
        words += [word] if word else []
        word = ""
        words += [character.lower()] if lone else []
    return words


def shingles(text: str, size: int = 3) -> set[tuple[str, ...]]:
    words = folded_words(text)
    if 0 < len(words) < size:
        return {tuple(words)}
    return {tuple(words[i : i + size]) for i in range(len(words) - size + 1)}


def jaccard(text: str, other: str, size: int = 3) -> float:
    mine, theirs = shingles(text, size), shingles(other, size)
    return len(mine & theirs) / len(mine | theirs)


def mix(x: int) -> int:
    x = (x ^ x >> 33) * 0xFF51AFD7ED558CCD & MASK
    x = (x ^ x >> 33) * 0xC4CEB9FE1A85EC53 & MASK
    return x ^ x >> 33


def word_hash(word: str) -> int:
    value = 0xCBF29CE484222325
    for character in word:
        value = (value ^ ord(character)) * WORD_FACTOR & MASK
    return mix(value)


def exact_key(text: str) -> tuple[int, int]:
    words = folded_words(text)
    key_0, key_1 = 0x243F6A8885A308D3, 0x13198A2E03707344
    for word in map(word_hash, words):
        key_0 = (key_0 ^ word) * 0xFF51AFD7ED558CCD & MASK
        key_0 ^= key_0 >> 29
        key_1 = (key_1 + word) * 0xC4CEB9FE1A85EC53 & MASK
        key_1 ^= key_1 >> 32
    return (mix(key_0 ^ len(words)), mix((key_1 + len(words)) & MASK)) if words else (0, 0)


def signature(text: str, size: int = 3) -> list[int]:
    hashes = []
    for shingle in shingles(text, size):
        value = len(shingle)
        for word in shingle:
            value = (value * WORD_FACTOR + word_hash(word)) & MASK
        hashes.append(mix(value) >> 32)
    lanes = zip(*(numbers.tolist() for numbers in lane_permutations()), strict=True)
    return [min([2**32 - 1, *((a * x + b) % 2**32 for x in hashes)]) for a, b in lanes]
