"""Tells users about languages without rules: of the setting at the start of a job, of documents at its end."""

from collections import Counter
from collections.abc import Mapping

from beam_jobs.console.nearest import nearest_name
from beam_jobs.console.warnings import Warned, warn
from beam_jobs.execution.stats_file import read_stats
from beam_jobs.settings import SegmentSettings
from beam_jobs.text.language_names import NAMES
from beam_jobs.text.languages import known_languages, lacks_rules

STATISTIC = "documents_without_language_rules"  # in the statistics: documents by language, "" if none is named
OTHERS = "(others)"

_MOST_LANGUAGES = 100  # names kept; documents of further languages are counted together
_LONGEST_NAME = 40  # characters of a name
_SHOWN = 5


def count_language(counts: Counter[str], language: str) -> None:
    """Count a document if its language has no rules.

    A document may name anything, so the number of names is limited.
    """
    if lacks_rules(language):
        name = language[:_LONGEST_NAME]
        counts[name if name in counts or len(counts) < _MOST_LANGUAGES else OTHERS] += 1


def most_frequent_languages(counts: Mapping[str, int]) -> dict[str, int]:
    """The counts of the most frequent languages, sorted, and the sum of all others."""
    ranked = sorted(counts.items(), key=lambda item: (item[0] == OTHERS, -item[1], item[0]))
    kept, rest = dict(ranked[:_MOST_LANGUAGES]), sum(count for _, count in ranked[_MOST_LANGUAGES:])
    return {**kept, OTHERS: kept.get(OTHERS, 0) + rest} if rest else kept


def warn_of_setting(settings: SegmentSettings) -> None:
    """Print a line on standard error if `--language` names a language without rules."""
    language = settings.language
    if language and lacks_rules(language):
        near = nearest_name(language, NAMES)
        meant = f" Did you mean {near}?" if near else ""
        text = (
            f"there are no rules for --language {language}, so sentences are found by the neutral ones, which know the stops of "
            f"all scripts but no abbreviations.{meant} There are rules for {_known()}"
        )
        warn([Warned("language_rules", text)], settings.silence)


def tell_of_documents(output: str, settings: SegmentSettings) -> None:
    """At the end of a job that `--language` does not decide alone: print how many documents had only the neutral rules, and the remedy.

    Documents that name a language without rules cause a warning on standard error; those that name none, a line on
    standard output.
    """
    if settings.language and settings.detect_language != "override":
        return
    stats = read_stats(output)
    counts: dict[str, int] = dict(stats.get(STATISTIC, {}))
    unnamed, of_all = counts.pop("", 0), f"of {stats['documents']:,} documents"
    if counts:
        shown = ", ".join(f"{name} ({count:,})" for name, count in list(counts.items())[:_SHOWN])
        more = f" and {len(counts) - _SHOWN:,} more" if len(counts) > _SHOWN else ""
        remedy = (
            f"; --language, with one of {_known()}, goes before what documents say"
            if settings.detect_language != "override"
            else ""
        )
        text = (
            f"{sum(counts.values()):,} {of_all} are in languages that there are no rules for: {shown}{more}; the neutral rules "
            f"found their sentences{remedy}"
        )
        warn([Warned("language_rules", text)], settings.silence)
    if unnamed and settings.detect_language != "off":
        print(
            f"{unnamed:,} {of_all} name no language, and none could be detected for sure, so the neutral rules found their "
            "sentences"
        )
    elif unnamed:
        print(
            f"{unnamed:,} {of_all} name no language (--language_field {settings.language_field}), so the neutral rules found "
            f"their sentences; if they are all in one of {_known()}, name it by --language; --detect_language fill finds it out"
        )


def _known() -> str:
    return ", ".join(sorted(known_languages()))
