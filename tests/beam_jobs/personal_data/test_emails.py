"""Which e-mail addresses are found, and what is none."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beam_jobs.personal_data.emails import find_emails


def found(text: str) -> list[str]:
    return [text[begin:end] for begin, end in find_emails(text)]


@pytest.mark.parametrize(
    "address",
    [
        "kari.nordmann@example.no",
        "k@x.no",
        "kari+post@mail.example.co.uk",
        "post@blåbærsyltetøy.no",
        "kåre_æ@example.museum",
        "a-b%c@xn--bl-yia.example.org",
        "9@123.example.com",
    ],
)
def test_addresses_in_sentences(address: str) -> None:
    text = f"Skriv til {address}. Eller <{address}>, ({address}); mailto:{address}?"
    assert found(text) == [address] * 4


@pytest.mark.parametrize(
    "text",
    [
        "@kari",
        "@kari.nordmann skrev",
        "a@b",
        "a @ b.no",
        "kari@",
        "kari@.no",
        "kari.@example.no",
        "5 stk @ 3.50",
        "a@b.1",
    ],
)
def test_these_are_none(text: str) -> None:
    assert found(text) == []


def test_neighbours() -> None:
    assert found("a@x.no,b@x.no a@x.no@y.no ...c@x.no") == ["a@x.no", "b@x.no", "a@x.no", "c@x.no"]


def test_at_most_64_characters_stand_before_the_sign() -> None:
    assert found("a" * 100 + "@example.no") == ["a" * 64 + "@example.no"]


@given(st.text(st.sampled_from("a.@-_ å1\n"), max_size=60))
@settings(max_examples=200, deadline=None)
def test_spans_are_sorted_and_apart_and_hold_one_sign(text: str) -> None:
    end = 0
    for begin, behind in find_emails(text):
        assert end <= begin < behind
        assert text[begin:behind].count("@") == 1
        end = behind


@pytest.mark.parametrize("part", ["@", "a@", "@a", "a.", "@a.", "a@a.", "a" * 63 + "@", "@" + "a-" * 30, "a@x.no"])
def test_hostile_text_takes_linear_time(part: str) -> None:
    found(part * (2_000_000 // len(part)))
