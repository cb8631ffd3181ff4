"""Thirteen kinds of copies, planted with fixed seeds: how many of each are found, and that no wrong pair is."""

import random
import string
from collections.abc import Callable

import numpy as np
import pytest

from beam_jobs.duplicates.document_keys import document_keys
from beam_jobs.duplicates.find_duplicates import find_duplicates
from beam_jobs.duplicates.rank_documents import rank_documents
from tests.beam_jobs.duplicates.oracle import jaccard
from tests.beam_jobs.duplicates.planted import documents, edited, lengths, words

COPIES = 100
Change = Callable[[str, random.Random], str]


def in_other_type(text: str, draws: random.Random) -> str:
    return "  ".join(draws.choice((word.upper(), word + ",", f"«{word}»", word)) for word in text.split(" "))


def misread(share: float) -> Change:
    """Characters as a scanner misreads them: replaced, lost, or with one beside them."""

    def change(text: str, draws: random.Random) -> str:
        characters = list(text)
        for place in draws.sample(range(len(text)), round(share * len(text))):
            new = draws.choice(string.ascii_lowercase)
            characters[place] = draws.choice((new, "", text[place] + new))
        return "".join(characters)

    return change


def shuffled(text: str, draws: random.Random) -> str:
    parts = text.split(" ")
    sentences = [" ".join(parts[i : i + 20]) for i in range(0, len(parts), 20)]
    return " ".join(draws.sample(sentences, len(sentences)))


MENU, FOOTER = (" ".join(words(20, random.Random(seed))) for seed in (1, 2))
KINDS: dict[str, tuple[Change, float]] = {
    "other case, punctuation and spaces": (in_other_type, 1.0),
    "1 % of the words edited": (lambda text, draws: edited(text, 0.01, draws), 0.99),
    "5 % of the words edited": (lambda text, draws: edited(text, 0.05, draws), 0.99),
    "10 % of the words edited": (lambda text, draws: edited(text, 0.10, draws), 0.35),
    "20 % of the words edited": (lambda text, draws: edited(text, 0.20, draws), 0.0),
    "1 % of the characters misread": (misread(0.01), 0.85),
    "3 % of the characters misread": (misread(0.03), 0.0),
    "a paragraph behind it": (lambda text, draws: text + " " + " ".join(words(60, draws)), 0.85),
    "cut to 80 %": (lambda text, draws: text[: int(0.8 * len(text))], 0.9),
    "cut to a half": (lambda text, draws: text[: len(text) // 2], 0.0),
    "joined to another": (lambda text, draws: f"{text} {documents(1, draws)[0]}", 0.0),
    "sentences in another order": (shuffled, 0.99),
    "a menu and a footer": (lambda text, draws: f"{MENU} {text} {FOOTER}", 0.99),
}


def test_there_are_thirteen_kinds() -> None:
    assert len(KINDS) == 13


@pytest.mark.parametrize("kind", KINDS)
def test_recall(kind: str) -> None:
    change, recall = KINDS[kind]
    draws = random.Random(kind)
    originals = documents(COPIES, draws, least=250, most=450)
    texts = originals + [change(text, draws) for text in originals]
    ranks = rank_documents(np.zeros(len(texts), int), lengths(texts))
    removed = find_duplicates(document_keys(texts), ranks)
    pairs = {frozenset(pair) for pair in zip(removed.documents.tolist(), removed.kept.tolist(), strict=True)}
    assert sum(frozenset((i, i + COPIES)) in pairs for i in range(COPIES)) >= recall * COPIES
    assert all(jaccard(*(texts[document] for document in pair)) >= 0.4 for pair in pairs)
