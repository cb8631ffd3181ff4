"""Puts placeholders in the place of personal data."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from beam_jobs.personal_data import presence_kernel
from beam_jobs.personal_data.emails import find_emails
from beam_jobs.personal_data.ibans import find_ibans
from beam_jobs.personal_data.kinds import KINDS
from beam_jobs.personal_data.national_ids import find_national_ids
from beam_jobs.personal_data.phones import find_phones
from beam_jobs.personal_data.presence_kernel import possible_kinds
from beam_jobs.personal_data.span import Span
from beam_jobs.personal_data.urls import find_urls


@dataclass(frozen=True)
class _Kind:
    possible: int
    find: Callable[[str], Iterator[Span]]
    placeholder: str


_FINDERS = {
    "url": _Kind(presence_kernel.URL, find_urls, "<URL>"),
    "email": _Kind(presence_kernel.EMAIL, find_emails, "<EMAIL>"),
    "iban": _Kind(presence_kernel.IBAN, find_ibans, "<IBAN>"),
    "national_id": _Kind(presence_kernel.NATIONAL_ID, find_national_ids, "<NATIONAL_ID>"),
    "phone": _Kind(presence_kernel.PHONE, find_phones, "<PHONE>"),
}


@dataclass(frozen=True)
class Masked:
    """What was replaced, by kind."""

    documents: Counter[str] = field(default_factory=Counter)
    places: Counter[str] = field(default_factory=Counter)


def mask_texts(
    texts: Sequence[str], data: np.ndarray, ends: np.ndarray, kinds: Sequence[str]
) -> tuple[list[str], Masked]:
    """The texts with a placeholder in each place of these kinds, and what was replaced.

    `data` (uint8) and `ends` (int64 [texts]) are the same texts in UTF-8, as for `possible_kinds`. `kinds` are names of
    KINDS. The same texts give the same result, however they are divided into calls.
    """
    possible = np.empty(len(ends), np.uint8)
    possible_kinds(data, ends, possible)
    chosen = [(name, _FINDERS[name]) for name in KINDS if name in kinds]
    asked = sum(kind.possible for _, kind in chosen)
    masked = Masked()
    result = list(texts)
    for number in np.flatnonzero(possible & asked).tolist():
        for name, kind in chosen:
            if possible[number] & kind.possible:
                result[number], places = replace_spans(result[number], kind.find(result[number]), kind.placeholder)
                masked.places[name] += places
                masked.documents[name] += places > 0
    return result, masked


def replace_spans(text: str, spans: Iterator[Span], placeholder: str) -> tuple[str, int]:
    """The text with `placeholder` in the place of each of `spans`, which are sorted and apart, and their number."""
    parts = []
    end = 0
    for begin, behind in spans:
        parts += [text[end:begin], placeholder]
        end = behind
    return ("".join([*parts, text[end:]]), len(parts) // 2) if parts else (text, 0)
