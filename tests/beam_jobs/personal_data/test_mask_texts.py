"""Placeholders in the place of what was found, and the counts of both."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beam_jobs.personal_data.kinds import KINDS
from beam_jobs.personal_data.mask_texts import Masked, mask_texts, replace_spans
from beam_jobs.text.segment import segment
from vocab.basic_tokenizer import split_words


def mask(texts: list[str], kinds=KINDS) -> tuple[list[str], Masked]:
    encoded = [text.encode() for text in texts]
    ends = np.cumsum([len(text) for text in encoded], dtype=np.int64)
    return mask_texts(texts, np.frombuffer(b"".join(encoded), np.uint8), ends, kinds)


ALL = (
    "Kari (13097248022, tlf. 22 83 22 88, kari@example.no) har konto NO93 8601 1117 947; se https://example.no/kari. "
    "Eller ring 912 34 567."
)


def test_every_kind_is_replaced() -> None:
    texts, masked = mask([ALL, "Ingenting her."])
    assert texts == [
        "Kari (<NATIONAL_ID>, tlf. <PHONE>, <EMAIL>) har konto <IBAN>; se <URL>. Eller ring <PHONE>.",
        "Ingenting her.",
    ]
    assert masked.places == {"url": 1, "email": 1, "iban": 1, "national_id": 1, "phone": 2}
    assert masked.documents == dict.fromkeys(KINDS, 1)


@pytest.mark.parametrize("kind", KINDS)
def test_only_the_kinds_asked_for(kind: str) -> None:
    (text,), masked = mask([ALL], [kind])
    assert text.count("<") == masked.places.total() == (2 if kind == "phone" else 1)
    assert f"<{kind.upper()}>" in text


def test_a_document_counts_once_and_only_if_something_was_replaced() -> None:
    texts, masked = mask(["a@b, 123456789", "a@x.no b@x.no"])
    assert texts == ["a@b, 123456789", "<EMAIL> <EMAIL>"]
    assert +masked.documents == {"email": 1}
    assert +masked.places == {"email": 2}


def test_an_address_inside_a_url_belongs_to_the_url() -> None:
    assert mask(["http://kari@example.no/13097248022 og a@x.no"])[0] == ["<URL> og <EMAIL>"]


def test_a_placeholder_keeps_the_sentence_and_its_words() -> None:
    (text,), _ = mask(["Skriv til kari@example.no. Svar kommer på https://example.no/svar! Ring 912 34 567 ellers."])
    assert segment(text, "nb") == ["Skriv til <EMAIL>.", "Svar kommer på <URL>!", "Ring <PHONE> ellers."]
    assert split_words("<EMAIL>.", lower_case=True) == ["<", "email", ">", "."]


@given(st.lists(st.text(st.sampled_from("a@.no1 +wh:/\n"), max_size=40), max_size=5))
@settings(max_examples=100, deadline=None)
def test_a_text_is_masked_alone_as_among_others_and_masking_again_changes_nothing(texts: list[str]) -> None:
    together, masked = mask(texts)
    alone = [mask([text]) for text in texts]
    assert together == [result for ((result,), _) in alone]
    assert masked.places.total() == sum(counts.places.total() for _, counts in alone)
    assert mask(together)[0] == together


def test_replace_spans() -> None:
    assert replace_spans("abcdef", iter([(1, 2), (4, 6)]), "<X>") == ("a<X>cd<X>", 2)
    assert replace_spans("abc", iter([]), "<X>") == ("abc", 0)
