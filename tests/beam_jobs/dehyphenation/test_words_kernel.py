import re
from collections import Counter

import numpy as np
import pytest

from beam_jobs.dehyphenation.words_kernel import LETTERS, LOWER, count_words, hash_words, rehash


def codes(text):
    return np.frombuffer(text.encode("utf-32-le"), np.uint32)


def counted(text, size=1 << 10):
    keys, counts = np.zeros(size, np.uint64), np.zeros(size, np.uint32)
    words, new = count_words(codes(text), keys, counts)
    assert new == np.count_nonzero(keys)
    return words, dict(zip(keys[keys != 0].tolist(), counts[keys != 0].tolist(), strict=True))


def hashes(*words):
    found = np.zeros(len(words), np.uint64)
    hash_words(codes("".join(word + "\n" for word in words)), found)
    return found.tolist()


def plain_count(text):
    """The same in plain Python."""
    counts = Counter()
    divided_before = False
    words = 0
    for match in re.finditer(r"[^\W\d_]+(?:[-‐][^\W\d_]+)*", text):
        divided = re.match(r"[-‐¬][ \n]", text[match.end() :]) is not None
        if not divided and not divided_before:
            word = match[0].lower().replace("‐", "-")
            words += 1
            counts[word] += 1
            if "-" in word:
                counts[word[: word.index("-") + 1]] += 1
                counts[word[word.rindex("-") :]] += 1
        divided_before = divided
    return words, counts


@pytest.mark.parametrize(
    "text",
    [
        "Én e-post, E-post og 3 e‐poster; opp-\nmerksomhet og opp- merksomhet",
        "nord- og sør-vest-kanten ÆØÅ æøå a_b a1b -x- - -- Ελλάδα Россия-Украина ¬ opp¬\nmerk",
        "",
        "ord",
        "a-b-c-d- e",
    ],
    ids=["nb", "others", "empty", "one", "chain"],
)
def test_counts_are_those_of_plain_python(text):
    words, counts = counted(text)
    plain_words, plain = plain_count(text)
    assert words == plain_words
    assert counts == dict(zip(hashes(*plain), plain.values(), strict=True))


def test_case_does_not_count():
    assert len({*hashes("ÅPEN", "åpen", "Åpen")}) == 1
    assert len({*hashes("åpen", "apen", "e-post", "epost", "post-")}) == 5


def test_tables_hold_letters_and_their_small_form():
    assert LETTERS[ord("å")]
    assert not LETTERS[ord("-")]
    assert chr(LOWER[ord("Ø")]) == "ø"


def test_a_table_of_another_size_holds_the_same():
    keys, counts = np.zeros(64, np.uint64), np.zeros(64, np.uint32)
    count_words(codes("en to tre to tre tre fire"), keys, counts)
    counts[keys == hashes("fire")[0]] = 0  # is left out
    larger, of_larger = np.zeros(256, np.uint64), np.zeros(256, np.uint32)
    rehash(keys, counts, larger, of_larger)
    assert {(int(k), int(c)) for k, c in zip(larger, of_larger, strict=True) if k} == {
        *zip(hashes("en", "to", "tre"), (1, 2, 3), strict=True)
    }
