"""The settings of the search for duplicates."""

from typing import Any

from beam_jobs.errors import Problems
from beam_jobs.settings.field import setting


def duplicates_setting() -> Any:
    """The setting for what becomes of copies of documents."""
    help = (
        "copies of documents: count says at the end how many exact ones there are; exact leaves those out whose words are "
        "the same, whatever their case, punctuation and spaces; near also those that are nearly the same; the longest of "
        "them stays, and one held out for dev or test before one to train on; off does not look"
    )
    return setting("count", help, choices=("off", "count", "exact", "near"), in_hash_at_default=False)


def near_threshold_setting() -> Any:
    """The setting for how alike near duplicates are."""
    help = (
        "with --duplicates=near: how alike two documents must be: the share of their word sequences that both have (Jaccard "
        "index) at which nearly half of such pairs are found; nine in ten are 0.1 above it, one in twenty 0.1 below it"
    )
    return setting(0.6, help, in_hash_at_default=False)


def shingle_words_setting() -> Any:
    """The setting for what near duplicates are compared by."""
    help = (
        "with --duplicates=near: words in a sequence by which documents are compared; with more words, each edited word "
        "makes two documents less alike"
    )
    return setting(3, help, in_hash_at_default=False)


def duplicates_problems(near_threshold: float, shingle_words: int) -> Problems:
    """Both must be numbers for which the bands of a signature say something."""
    if not 0.5 <= near_threshold <= 0.95:
        yield (
            "near_threshold",
            f"{near_threshold} is not from 0.5 to 0.95; 0.6 finds copies with a tenth of the words edited",
        )
    if not 1 <= shingle_words <= 16:
        yield "shingle_words", f"{shingle_words} is not from 1 to 16; 3 is usual"
