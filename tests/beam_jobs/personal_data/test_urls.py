"""Which URLs are found, and where they end."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beam_jobs.personal_data.urls import find_urls


def found(text: str) -> list[str]:
    return [text[begin:end] for begin, end in find_urls(text)]


@pytest.mark.parametrize(
    "url",
    [
        "http://example.no",
        "HTTPS://www.example.no/sti?a=1&b=2#del",
        "www.example.no/å",
        "ftp://example.no/fil.txt",
        "https://no.wikipedia.org/wiki/Bok_(ting)",
        "https://example.no/a,b",
        "http://user:pw@example.no:8080/",
    ],
)
def test_in_sentences(url: str) -> None:
    assert found(f"Se {url}. Eller ({url}), «{url}»: {url}\u00a0{url}...") == [url] * 5


@pytest.mark.parametrize("text", ["vg.no", "http", "http://", "www.", "https://...", "awww.nei.no", "a://b", "and/or"])
def test_these_are_none(text: str) -> None:
    assert found(text) == []


@given(st.text(st.sampled_from("w.:/htps ()a"), max_size=60))
@settings(max_examples=200, deadline=None)
def test_spans_are_sorted_and_apart(text: str) -> None:
    end = 0
    for begin, behind in find_urls(text):
        assert end <= begin < behind
        end = behind


@pytest.mark.parametrize(
    "part", ["www.", "http://", "http://)", ")", "http://a(", "http://a ", "w", "http://a" + ")" * 999]
)
def test_hostile_text_takes_linear_time(part: str) -> None:
    found(part * (2_000_000 // len(part)))
