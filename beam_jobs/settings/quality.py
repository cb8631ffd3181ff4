"""The settings of the rules of quality. By default none drops anything; what each would drop is counted."""

from typing import Any

from beam_jobs.errors import Problems, UserError
from beam_jobs.settings.field import setting

QUALITY = ("off", "none", "light", "web", "ocr")


def quality_setting() -> Any:
    """The setting for the set of rules."""
    help = (
        "which rules of quality drop documents: none drops nothing, and the statistics say what each rule would drop, except those "
        "of n-grams, which are counted with web only, and those of paragraphs; light what is surely no text; web the rules of Gopher, FineWeb and C4, "
        "made for English; ocr paragraphs (lines) that were not recognised well; off does not count"
    )
    return setting("none", help, choices=QUALITY, in_hash_at_default=False)


def drop_setting() -> Any:
    """The setting for single rules and thresholds."""
    help = (
        "single rules of quality with thresholds, such as gopher_few_words=20: they join the rules of --quality or change "
        "them; docs/cleaning.md lists all"
    )
    return setting((), help, metavar="NAME", in_hash_at_default=False)


def confidence_field_setting() -> Any:
    """The setting for the field with the confidence of optical character recognition."""
    help = (
        "the JSON field or Parquet column with the confidence of character recognition, from 0 to 1 or in percent; documents "
        "without one are not judged by it"
    )
    return setting("ocr_confidence", help, metavar="FIELD", in_hash_at_default=False)


def quality_problems(quality: str, drop: tuple[str, ...]) -> Problems:
    """An unknown rule, a threshold that means nothing, or thresholds without counters."""
    from beam_jobs.quality.rule_sets import chosen_rules  # needed only here; it loads numpy

    if quality == "off":
        if drop:
            yield "drop", "needs the counters that --quality off turns off: use --quality none"
        return
    if quality in QUALITY:
        try:
            chosen_rules(quality, drop)
        except UserError as error:
            yield "drop", str(error)
