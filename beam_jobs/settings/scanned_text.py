"""The settings for what scanning leaves in a text: words divided by a hyphen, running heads and page numbers."""

from typing import Any

from beam_jobs.errors import Problems
from beam_jobs.settings.field import setting

DEHYPHENATE = ("off", "line_ends", "all")
SAMPLE_MB = 500.0


def dehyphenate_setting() -> Any:
    """The setting for what is mended."""
    help = (
        "mend words that a hyphen divides: line_ends those at the ends of lines, all also those inside lines, as scanners "
        "leave them (opp- merksomhet). How often the corpus has a word with and without the hyphen decides, so that e-post and "
        "på- og avkledning stay"
    )
    return setting("off", help, choices=DEHYPHENATE, in_hash_at_default=False)


def dehyphenate_sample_mb_setting() -> Any:
    """The setting for how much text is counted."""
    help = (
        "with --dehyphenate: count the words of about so many MB of the input, spread evenly over it, before the first range; 0: "
        "of all of it"
    )
    return setting(SAMPLE_MB, help, metavar="MB", in_hash_at_default=False)


def page_furniture_setting() -> Any:
    """The setting for lines that stand on many pages of one document."""
    help = (
        "leave out the short lines that stand on so many pages of one document, or more: running heads and page numbers, digits "
        "alike; 5 suits books, and 0 leaves out none. Refrains of songs go, too"
    )
    return setting(0, help, in_hash_at_default=False)


def scanned_text_problems(dehyphenate: str, sample_mb: float, page_furniture: int, pair_field: str) -> Problems:
    """A number that means nothing, or records whose lines mean something else."""
    if page_furniture < 0 or page_furniture == 1:
        yield "page_furniture", f"{page_furniture} must be 2 or more, or 0 for off; 5 suits books"
    if page_furniture and pair_field:
        yield "page_furniture", "is for running text, and --pair_field for pairs such as code: leave one of them out"
    if sample_mb < 0:
        yield (
            "dehyphenate_sample_mb",
            f"{sample_mb} must not be negative; {SAMPLE_MB:g} is usual, and 0 is all of the input",
        )
    if dehyphenate == "off" and sample_mb != SAMPLE_MB:
        yield "dehyphenate_sample_mb", "does nothing without --dehyphenate: add --dehyphenate line_ends or all"
    if dehyphenate != "off" and pair_field:
        yield "dehyphenate", "is for running text, and --pair_field for pairs such as code: leave one of them out"
