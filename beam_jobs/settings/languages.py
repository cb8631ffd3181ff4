"""Settings of the languages of documents: whether they are detected, and which are kept."""

from collections.abc import Iterable, Sequence
from typing import Any

from beam_jobs.console.nearest import did_you_mean
from beam_jobs.errors import Problems
from beam_jobs.language_detection.languages import DETECTED_LANGUAGES, detected_language
from beam_jobs.settings.field import setting
from beam_jobs.text.language_names import NAMES


def detect_language_setting() -> Any:
    """The setting for what a detected language is used for."""
    help = (
        "find out the language of each document, which chooses the rules that cut it into sentences: fill, where the document "
        "names none; override, also instead of the one that it names; only where it is sure, and the statistics have a table "
        "of declared and detected languages; off does not look"
    )
    return setting("off", help, choices=("off", "fill", "override"), in_hash_at_default=False)


def languages_setting() -> Any:
    """The setting for the languages that are kept."""
    help = (
        "keep only documents in these languages, by code or name (nb,nn or nb nn): others are filtered out, whatever they "
        "declare, if it is sure that they are in none of these; documents of fewer than 50 letters stay (default: all are kept)"
    )
    return setting((), help, metavar="CODE", in_hash_at_default=False)


def language_codes(languages: Sequence[str]) -> tuple[str, ...]:
    """The codes of `--languages`, sorted, from values that may hold several names with commas between them.

    Names that detection does not know are left out; `languages_problems` tells them.
    """
    return tuple(sorted({code for name in _names(languages) if (code := detected_language(name))}))


def languages_problems(languages: Sequence[str]) -> Problems:
    """All must be languages that detection knows."""
    for name in _names(languages):
        if not name:
            yield (
                "languages",
                f"{','.join(languages)!r} leaves a language out: name each by code or name, such as nb,nn",
            )
        elif not detected_language(name):
            near = did_you_mean(name, (*DETECTED_LANGUAGES, *NAMES), before="; ")
            yield (
                "languages",
                f"{name!r} is no language that can be detected{near or '; name it by its code of ISO 639, such as nb'}",
            )


def _names(languages: Iterable[str]) -> list[str]:
    return [name.strip() for value in languages for name in value.split(",")]
