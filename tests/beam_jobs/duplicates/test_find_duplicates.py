"""Planted duplicates with fixed seeds: what is found, and that nothing else is."""

import random

import numpy as np
import pytest

from beam_jobs.duplicates.document_keys import document_keys
from beam_jobs.duplicates.find_duplicates import find_duplicates
from beam_jobs.duplicates.rank_documents import rank_documents
from tests.beam_jobs.duplicates.oracle import jaccard
from tests.beam_jobs.duplicates.planted import documents, edited, lengths, words

Found = dict[int, tuple[int, int]]  # {removed: (kept, shared bands)}


def duplicates(texts: list[str], splits: list[int] | None = None, signatures: bool = True) -> Found:
    order = np.zeros(len(texts), int) if splits is None else np.array(splits)
    keys = document_keys(texts, signatures=signatures)
    removed = find_duplicates(keys, rank_documents(order, lengths(texts)))
    found = {d: (k, s) for d, k, s in zip(*(column.tolist() for column in removed), strict=True)}
    assert not {kept for kept, _ in found.values()} & set(found)  # every kept document stays
    return found


def least_jaccard(texts: list[str], found: Found) -> float:
    return min(jaccard(texts[document], texts[kept]) for document, (kept, _) in found.items())


@pytest.mark.parametrize(("share", "recall"), [(0.01, 0.99), (0.05, 0.99), (0.10, 0.35)])
def test_recall_of_edited_copies(share: float, recall: float) -> None:
    draws = random.Random(11)
    originals = documents(400, draws)
    texts = originals + [edited(text, share, draws) for text in originals]
    found = duplicates(texts)
    pairs = {frozenset((document, kept)) for document, (kept, _) in found.items()}
    assert sum(frozenset((i, i + 400)) in pairs for i in range(400)) / 400 >= recall
    assert least_jaccard(texts, found) >= 0.4


def test_recall_of_shuffled_sentences_and_of_a_menu_around() -> None:
    draws = random.Random(12)
    originals = documents(200, draws, least=300)
    menu = " ".join(words(15, draws))
    changed = []
    for text in originals:
        split = text.split(" ")
        sentences = [" ".join(split[i : i + 20]) for i in range(0, len(split), 20)]
        changed += [" ".join(draws.sample(sentences, len(sentences))), f"{menu} {text} {menu}"]
    texts = originals + changed
    found = duplicates(texts)
    assert len(found) >= 0.99 * 400
    assert least_jaccard(texts, found) >= 0.4


def test_unrelated_documents_all_stay() -> None:
    assert duplicates(documents(2000, random.Random(13), least=20, most=120)) == {}


def test_a_chain_of_2000_edits_loses_only_what_resembles_the_kept() -> None:
    draws = random.Random(14)
    texts = documents(1, draws, least=300, most=300)
    for _ in range(1999):
        texts.append(edited(texts[-1], 0.01, draws))
    found = duplicates(texts)
    assert 1000 < len(found) < 1990  # connected components would remove 1,999
    assert least_jaccard(texts, found) >= 0.4


def test_3000_pages_of_one_template() -> None:
    draws = random.Random(15)
    shared = " ".join(words(150, draws))
    texts = [f"{shared} {' '.join(words(60, draws))}" for _ in range(3000)]
    found = duplicates(texts)
    assert len(found) < 1500
    assert least_jaccard(texts, found) >= 0.4


def test_100000_identical_pages() -> None:
    page = " ".join(words(20, random.Random(16)))
    found = duplicates([page] * 100_000)
    assert len(found) == 99_999
    assert set(found.values()) == {(0, 0)}


def test_held_out_copies_stay_though_they_are_shorter() -> None:
    draws = random.Random(17)
    (text,) = documents(1, draws, least=400)
    shorter = text.rsplit(" ", 5)[0]
    for train, test in ((text, text), (text, shorter), (shorter, text)):
        assert list(duplicates([train, test], [2, 0])) == [0]
        assert list(duplicates([test, train], [0, 2])) == [1]
    assert list(duplicates([shorter, text], [2, 2])) == [0]  # in one split the longer stays


def test_without_signatures_only_exact_copies() -> None:
    texts = ["Ett to tre fire.", "ETT TO TRE FIRE", "ett to tre fire fem", "...", "!!!"]
    assert duplicates(texts, signatures=False) == {1: (0, 0)}


def test_documents_of_fewer_words_than_a_shingle() -> None:
    assert set(duplicates(["Ja.", "ja", "Nei", "ja nei", ""])) == {1}


@pytest.mark.parametrize("least", [0, 33])
def test_the_bands_to_share_are_from_1_to_32(least: int) -> None:
    with pytest.raises(ValueError, match="from 1 to 32"):
        find_duplicates(document_keys(["a"]), np.zeros(1, np.int64), least)
