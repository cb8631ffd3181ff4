"""What follows from the detected language of a document: the language whose rules cut it, and whether it is kept."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from beam_jobs.language_detection.detect_languages import DetectedLanguage
from beam_jobs.language_detection.languages import NO_LANGUAGE

FILL, OVERRIDE = "fill", "override"
UNSURE = "(unsure)"


class JudgedLanguages(NamedTuple):
    """What was decided of some documents."""

    languages: list[str]  # of each document, for the rules of segmentation
    foreign: list[str]  # the detected language of each document that is surely in none of those kept, else ""
    table: Counter[tuple[str, str]]  # documents by declared language and detected one, or UNSURE


def judge_languages(declared: Sequence[str], detected: Sequence[DetectedLanguage], use: str) -> JudgedLanguages:
    """Decide for each document.

    `use` says where a detected language that is sure goes before the declared one: FILL, if none is declared; OVERRIDE,
    always; otherwise nowhere. A document that is not surely in a detected language keeps what it declares.
    """
    return JudgedLanguages(
        [_language(language, found, use) for language, found in zip(declared, detected, strict=True)],
        [found.code if found.foreign else "" for found in detected],
        Counter(
            (language, found.code if found.sure else UNSURE) for language, found in zip(declared, detected, strict=True)
        ),
    )


def _language(declared: str, found: DetectedLanguage, use: str) -> str:
    wanted = use == OVERRIDE or (use == FILL and not declared)
    return found.code if wanted and found.sure and found.code != NO_LANGUAGE else declared
