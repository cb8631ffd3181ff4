"""Settings of the filters that leave documents out of a corpus. By default none does; what they would do is counted."""

from typing import Any

from beam_jobs.console.nearest import did_you_mean
from beam_jobs.errors import Problems
from beam_jobs.personal_data.kinds import KINDS
from beam_jobs.settings.field import setting


def max_filtered_setting() -> Any:
    """The setting for how much of the input the filters may take."""
    help = (
        "the job fails at its end if the filters took a larger share of the documents; documents with faults, which "
        "--max_rejected limits, do not count here"
    )
    return setting(0.9, help, metavar="SHARE", affects_output=False)


NGRAM_WORDS, MOST_NGRAM_WORDS = 13, 63


def decontaminate_setting() -> Any:
    """The setting for evaluation files whose texts must not be in the corpus."""
    help = (
        "evaluation files (.jsonl, .json, .tsv, .csv, .parquet, .txt and the other inputs; files, folders, globs or URIs): a "
        "document that shares 13 words in a row with a text in them is left out"
    )
    return setting((), help, metavar="FILE", affects_output=False)  # what the files hold is in the job's hash


def decontaminate_words_setting() -> Any:
    """The setting for the length of the n-grams."""
    help = (
        "how many equal words in a row mean that a document holds text of an evaluation file; an evaluation text of fewer "
        "words, but 8 or more, is looked for as a whole"
    )
    return setting(NGRAM_WORDS, help, metavar="INT", in_hash_at_default=False)


def decontaminate_share_setting() -> Any:
    """The setting for how much of a document must be of evaluation files."""
    help = (
        "leave a document out only if so large a share of its rows of words is in the evaluation files; 0: one row is "
        "enough. A share such as 0.1 keeps books that quote a sentence"
    )
    return setting(0.0, help, metavar="SHARE", in_hash_at_default=False)


def mask_setting() -> Any:
    """The setting for the kinds of personal data to replace."""
    help = (
        f"replace personal data by <EMAIL>, <PHONE> and so on; any of {','.join(KINDS)}, separated by commas. National ids "
        "(Norway, Sweden, Denmark, Finland) and IBANs only with a right checksum; nothing is left out"
    )
    return setting("", help, metavar="NAME", in_hash_at_default=False)


def mask_kinds(mask: str) -> tuple[str, ...]:
    """The kinds that `--mask` names, in the order in which they are looked for."""
    named = {name.strip() for name in mask.split(",")}
    return tuple(kind for kind in KINDS if kind in named)


def mask_problems(mask: str) -> Problems:
    """A kind that is not known."""
    for name in mask.split(",") if mask else ():
        if name.strip() not in KINDS:
            guess = did_you_mean(name.strip(), KINDS, before="; ")
            yield "mask", f"{name.strip()!r} is not one of {', '.join(KINDS)}, separated by commas{guess}"


def decontaminate_problems(files: tuple[str, ...], words: int, share: float) -> Problems:
    """A wrong length of n-grams, an empty path, or a setting of `--decontaminate` without it."""
    if not 1 <= words <= MOST_NGRAM_WORDS:
        yield "decontaminate_words", f"{words} must be from 1 to {MOST_NGRAM_WORDS}; {NGRAM_WORDS} is usual"
    if not all(path.strip() for path in files):
        yield "decontaminate", "is empty: name an evaluation file"
    if not files and (words != NGRAM_WORDS or share):
        name = "words" if words != NGRAM_WORDS else "share"
        yield f"decontaminate_{name}", "does nothing without --decontaminate: name the evaluation files"
