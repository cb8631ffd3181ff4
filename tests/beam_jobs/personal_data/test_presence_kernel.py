"""The quick look never says "impossible" where something would be found."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from beam_jobs.personal_data import presence_kernel as kernel
from beam_jobs.personal_data.emails import find_emails
from beam_jobs.personal_data.ibans import find_ibans
from beam_jobs.personal_data.national_ids import find_national_ids
from beam_jobs.personal_data.phones import find_phones
from beam_jobs.personal_data.urls import find_urls
from tests.beam_jobs.personal_data.samples import IBANS, NATIONAL_IDS

FINDERS = {
    kernel.EMAIL: find_emails,
    kernel.NATIONAL_ID: find_national_ids,
    kernel.IBAN: find_ibans,
    kernel.URL: find_urls,
    kernel.PHONE: find_phones,
}
PHONES = (
    "+47\u00a0(22)\u00a083\u00a0(22)\u00a088",
    "+47 22 83 22 88",
    "+1 (415) 555-0198",
    "912\u00a034\u00a0567",
    "tlf 2 2-8(3)2 2",
)
PARTS = ("a@b.no", "http://a", "www.b", "WWW.c", *IBANS, *NATIONAL_IDS, *PHONES, " ", ".", "å", "1", "A")


def kinds_of(texts: list[str]) -> list[int]:
    encoded = [text.encode() for text in texts]
    kinds = np.empty(len(texts), np.uint8)
    ends = np.cumsum([len(text) for text in encoded], dtype=np.int64)
    kernel.possible_kinds(np.frombuffer(b"".join(encoded), np.uint8), ends, kinds)
    return kinds.tolist()


@given(st.lists(st.lists(st.sampled_from(PARTS), max_size=6).map("".join), max_size=4))
@example(list(PARTS))
@settings(max_examples=200, deadline=None)
def test_what_is_found_was_possible(texts: list[str]) -> None:
    for text, kinds in zip(texts, kinds_of(texts), strict=True):
        for kind, find in FINDERS.items():
            assert kinds & kind or not list(find(text))


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("", 0),
        ("Det var 14. mai 1814, kl. 10.30, i 1905 og i 2020. Ja/nei: 1/2.", 0),
        ("a@", kernel.EMAIL),
        ("://", kernel.URL),
        ("wwW.", kernel.URL),
        ("TV22", kernel.IBAN),
        ("T22 ", 0),
        ("123456", kernel.NATIONAL_ID | kernel.PHONE),
        ("12 34) 56", kernel.PHONE),
        ("12, 34, 56, 78", 0),
    ],
)
def test_of_single_texts(text: str, kinds: int) -> None:
    assert kinds_of([text]) == [kinds]


@pytest.mark.parametrize("number", PHONES)
def test_a_telephone_number_is_possible_however_its_digits_are_parted(number: str) -> None:
    assert kinds_of([f"Tlf {number}."])[0] & kernel.PHONE
    assert list(find_phones(f"Tlf {number}."))


def test_nothing_is_seen_across_the_end_of_a_document() -> None:
    assert kinds_of(["ww", "w.", ":", "//", "TV", "22", "123", "456"]) == [0] * 8
