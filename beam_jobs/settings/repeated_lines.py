"""The settings of the filters that compare lines of different documents. By default none is looked for."""

from typing import Any

from beam_jobs.errors import Problems
from beam_jobs.settings.field import setting

USUAL = 10


def repeated_lines_setting() -> Any:
    """The setting for the number of documents from which on a line is left out."""
    help = (
        'leave lines out that stand in so many documents or more (menus, notices, "read also"), whatever their case, '
        "punctuation and digits; a document of which nothing is left is filtered out; 0: no line is; 10 suits the web. Copies of documents that "
        "--duplicates leaves out do not count"
    )
    return setting(0, help, in_hash_at_default=False)


def repeated_lines_keep_setting() -> Any:
    """The setting for whether such a line stays somewhere."""
    help = (
        "with --repeated_lines: none leaves such a line out of all documents; longest keeps it in the longest of them, but in one "
        "held out for dev or test before one to train on"
    )
    return setting("none", help, choices=("none", "longest"), in_hash_at_default=False)


def contained_setting() -> Any:
    """The setting for how much of a document must stand in longer ones."""
    help = (
        "filter out documents of whose words at least this share is in lines (of 6 words or more) that also stand in a "
        "longer document that stays, such as a page that was cut short, or that a longer one quotes; 0: none is; 0.8 is usual"
    )
    return setting(0.0, help, metavar="SHARE", in_hash_at_default=False)


def contained_problems(contained: float, pair_field: str) -> Problems:
    """A share that means nothing, or documents that are not made of lines."""
    if contained and not 0.5 <= contained <= 1:
        yield "contained", f"{contained} is not from 0.5 to 1: 0.8 is usual, 0 filters none"
    if contained and pair_field:
        yield (
            "contained",
            f"does not go with --pair_field {pair_field}: a pair is two texts and has no lines to compare",
        )


def repeated_lines_problems(repeated_lines: int, keep: str, pair_field: str) -> Problems:
    """A number that means nothing, a setting without effect, or documents that are not made of lines."""
    if repeated_lines < 0 or repeated_lines == 1:
        why = "would leave every line out" if repeated_lines == 1 else "is no number of documents"
        yield "repeated_lines", f"{repeated_lines} {why}: use 2 or more ({USUAL} suits the web), or 0 to keep all lines"
    if repeated_lines and pair_field:
        yield (
            "repeated_lines",
            f"does not go with --pair_field {pair_field}: a pair is two texts, of which no line can be left out",
        )
    if keep != "none" and not repeated_lines:
        yield "repeated_lines_keep", f"does nothing without --repeated_lines: set that too ({USUAL} suits the web)"
