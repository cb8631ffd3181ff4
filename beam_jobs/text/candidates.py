"""The one regular expression that finds every place where a sentence may end.

Linear on any input: all repetitions are possessive, a run of stops is entered only at its start, and look-behinds have a
fixed width. Every alternative begins with a literal, so that the search skips from one possible first character to the
next without trying to match in between.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from beam_jobs.text.languages import LanguageRules

STOPS = ".!?…‥․؟۔؞।॥᙮᱾᱿።፧፨၊။‼⁇⁈⁉⸮"  # end a sentence where white space follows
WIDE_STOPS = "。！？｡．"  # full-width stops need no white space
CLOSERS = "\"'”’“‘»«›‹)]}」』）】》〉〕］｣*_"
_WIDE_CLOSERS = "\"'”’»›)]}」』）】》〉〕］｣"  # “ opens a quotation in Chinese
_CAPITALS = "A-ZÀ-ÖØ-ÞŁŚŻŹĆŃŠŽČĐİŞĞÇΑ-ΫΆΈΉΊΌΎΏА-ЯЁЄІЇ"


@dataclass(frozen=True)
class Candidates:
    """The pattern, and how to tell from `match.lastindex` what kind of candidate was found.

    None: doubtful, for the rules of boundaries.py. At most `sure`: a sentence ends there whatever stands around it. Above
    `sure`: a capitalised word that opens a sentence though no stop stands before it. The match is that word; in the other
    kinds it is the stops with the quotation marks and brackets that close after them.
    """

    pattern: re.Pattern[str]
    sure: int


@lru_cache(maxsize=128)
def candidates(rules: LanguageRules, cased: bool) -> Candidates:
    """The candidates of a language; `cased` is False for text without any capital letter."""
    stops = re.escape(STOPS + rules.extra_stops)
    closers = (
        rf"(?:[{re.escape(CLOSERS)}]| ?\[\d{{1,3}}\]| (?:''|[”»])(?= )| ?[:;=]-?[)(DP](?!\w))*+"
        # “.[17]”, “. »” as the French write it, “.:)”
    )
    not_lower = "[^a-z]" if cased else ""
    start_of_run = rf"(?<![{stops}][{stops}])"
    tail = rf"{start_of_run}[{stops}]*+{closers}(?= {not_lower})"
    capital = rf"(?= [{_CAPITALS}])"
    sure: list[str] = []
    if cased:
        # A full stop after a word longer than any abbreviation, or a lone ! or ? after a letter, before a capital.
        sure = [rf"\.(?<=[^\W\d_]{{{_longest_abbreviation(rules) + 1}}}\.){capital}()"]
        sure += [rf"{re.escape(mark)}(?<=[^\W\d_]{re.escape(mark)}){capital}()" for mark in "?!"]
        sure += [rf"{mark}-?[)(DP](?!\w){capital}()" for mark in ":;"]
    sure += [rf"{mark}[{WIDE_STOPS}]*+[{re.escape(_WIDE_CLOSERS)}]*+()" for mark in WIDE_STOPS]
    sure += _verb_endings(rules)
    doubtful = [re.escape(mark) + tail for mark in STOPS + rules.extra_stops]
    unstopped = _unstopped(rules) if cased else []
    return Candidates(re.compile("|".join([*sure, *doubtful, *unstopped])), sure=len(sure))


def _longest_abbreviation(rules: LanguageRules) -> int:
    words = rules.never | rules.seldom | rules.maybe | rules.before_number
    return max((len(part) for word in words for part in word.split(".")), default=6)


def _verb_endings(rules: LanguageRules) -> list[str]:
    exceptions = "".join(rf"(?<!{re.escape(word)})" for word in rules.not_final)
    return [rf"{re.escape(ending)}{exceptions}[~^ㅎㅋㅠㅜ♡♥]*+(?= )()" for ending in rules.final_endings]


def _unstopped(rules: LanguageRules) -> list[str]:
    endings: dict[str, list[str]] = {}
    for word in sorted(rules.unmistakable):
        endings.setdefault(word[0].upper(), []).append(re.escape(word[1:]))
    before = r"[^\W_]|[)»%]"
    alternatives = []
    for initial, rests in endings.items():
        places = rf"(?<=(?:{before}) {initial})"
        if rules.dialogue_dash:
            places = rf"(?:{places}|(?<=(?:{before}) [-–—] {initial}))"
        alternatives.append(rf"{initial}{places}(?:{'|'.join(rests)})(?![\w'’.-])()")
    return alternatives
