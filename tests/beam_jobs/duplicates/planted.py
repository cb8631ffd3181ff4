"""Documents of words that are as unequally frequent as those of a language, and changed copies of them."""

import itertools
import random

import numpy as np

SYLLABLES = ("bdfgklmnprst", "aeiouyæøå", "knrst", ["", "a", "et"])
VOCABULARY = ["".join(letters) for letters in itertools.product(*SYLLABLES)]
WEIGHTS = list(itertools.accumulate(1 / (rank + 3) for rank in range(len(VOCABULARY))))


def words(count: int, draws: random.Random) -> list[str]:
    return draws.choices(VOCABULARY, cum_weights=WEIGHTS, k=count)


def documents(count: int, draws: random.Random, least: int = 150, most: int = 700) -> list[str]:
    return [" ".join(words(draws.randint(least, most), draws)) for _ in range(count)]


def edited(text: str, share: float, draws: random.Random) -> str:
    """A share of the words, at least one, is replaced, deleted, or has a new one behind it, a third each."""
    changed = text.split(" ")
    places = draws.sample(range(len(changed)), max(1, round(share * len(changed))))
    for place in sorted(places, reverse=True):
        new = words(1, draws)
        changed[place : place + 1] = [new, [], [changed[place], *new]][draws.randrange(3)]
    return " ".join(changed)


def lengths(texts: list[str]) -> np.ndarray:
    return np.array([len(text.encode()) for text in texts])
