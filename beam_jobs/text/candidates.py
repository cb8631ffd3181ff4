"""The one regular expression that finds every place where a sentence may end.

Linear on any input: all repetitions are possessive, a run of stops is entered only at its start, and look-behinds have a
fixed width. Every alternative begins with a literal, so that the search skips from one possible first character to the
next without trying to match in between; the frequent ones come first.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from beam_jobs.text.languages import LanguageRules

STOPS = ".!?…‥․؟۔؞।॥᙮᱾᱿።፧፨၊။‼⁇⁈⁉⸮"  # end a sentence where white space follows
WIDE_STOPS = "。！？｡．"  # full-width stops need no white space
_CLOSERS = "\"'”’“‘»«›‹)]}」』）】》〉〕］｣*_"
_WIDE_CLOSERS = "\"'”’»›)]}」』）】》〉〕］｣"  # “ opens a quotation in Chinese
_CAPITAL = "A-ZÀ-ÖØ-ÞŁŚŻŹĆŃŠŽČĐİŞĞÇΑ-ΫΆΈΉΊΌΎΏА-ЯЁЄІЇ"

_LONG_WORD = 5  # letters
_VOWELS = frozenset("aeiouyæøåäöüéèàáíóúAEIOUYÆØÅÄÖ")

DOUBTFUL = 0  # the rules of boundaries.py decide; the match is the stops and the marks that close after them
SURE = 1  # a sentence ends at the end of the match, where a space stands
WIDE = 2  # as SURE, but with or without a space after it
UNSTOPPED = 3  # the match is a capitalised word that opens a sentence though no stop stands before it


@dataclass(frozen=True, eq=False)
class Candidates:
    """The pattern, and the kind of candidate that a match is: `kinds[match.lastindex or 0]`."""

    pattern: re.Pattern[str]
    kinds: tuple[int, ...]
    ordinary: "OrdinaryWords"


class OrdinaryWords(set[str]):
    """What stands before a full stop and is nothing that a rule of boundaries.py concerns: the usual case, kept at hand.

    What has been learned only saves time; the answers do not depend on it.
    """

    def __init__(self, rules: LanguageRules):
        super().__init__()
        self._listed = rules.listed

    def learn(self, token: str) -> bool:
        """Whether a full stop after the token ends a sentence if a capital follows; if so it is remembered."""
        if not token or not token[-1].isalnum():
            return True  # a stop between spaces, or after a bracket or a quotation mark
        if not token.isalpha() or token.isupper() or token.lower() in self._listed:
            return False
        if len(token) == 1 or (len(token) < _LONG_WORD and _VOWELS.isdisjoint(token)):
            return False
        if len(self) > 50_000:
            self.clear()
        if len(token) < 40:
            self.add(token)
        return True


@lru_cache(maxsize=128)
def candidates(rules: LanguageRules, cased: bool) -> Candidates:
    """The candidates of a language; `cased` is False for text without any capital letter."""
    stops = STOPS + rules.extra_stops + rules.clause_stops
    any_stop = f"[{re.escape(stops)}]"
    # “?»”, “.[17]”, “. »” as the French write it, “.:)”; only the first group repeats, as an emoticon holds stops itself.
    closers = rf"(?:[{re.escape(_CLOSERS)}]| ?\[\d{{1,3}}\]| (?:''|’’|[”»])(?= ))*+(?: ?[:;=]-?[)(DP](?!\w))?+"
    not_lower = "[^a-z]" if cased else ""
    doubtful = rf"(?<!{any_stop}{any_stop}){any_stop}*+{closers}"
    before_any, before_clause = f"(?= {not_lower})", r"(?= [^a-z\d])"
    capital = rf"(?= [{_CAPITAL}])"
    alternatives: list[tuple[str, int]] = []
    if cased:
        letter = capital if rules.word_ordinals else r"(?= [^\W\d_])"
        long_word, but_not = _long_word(rules)
        alternatives.append((rf"\.{long_word}{letter}{but_not}", SURE))
    alternatives.append((rf"\.{doubtful}{before_any}", DOUBTFUL))
    if cased:
        alternatives += [(pattern, UNSTOPPED) for pattern in _unstopped(rules)]
        alternatives += [(rf"\{mark}(?<=[^\W\d_]\{mark}){capital}", SURE) for mark in "?!"]
        alternatives += [(rf"{mark}-?[)(DP](?!\w){capital}", SURE) for mark in ":;"]  # :-)
    for mark in stops[1:]:
        before = before_clause if mark in rules.clause_stops else before_any
        alternatives.append((re.escape(mark) + doubtful + before, DOUBTFUL))
    alternatives += [(rf"{mark}[{WIDE_STOPS}]*+[{re.escape(_WIDE_CLOSERS)}]*+", WIDE) for mark in WIDE_STOPS]
    alternatives += [(pattern, SURE) for pattern in _verb_endings(rules)]
    return Candidates(
        re.compile("|".join(pattern + ("()" if kind else "") for pattern, kind in alternatives)),
        kinds=(DOUBTFUL, *(kind for _, kind in alternatives if kind)),
        ordinary=OrdinaryWords(rules),
    )


def _long_word(rules: LanguageRules) -> tuple[str, str]:
    """Look-behinds for a full stop after a word longer than abbreviations are; the few long ones are named."""
    length = _LONG_WORD if rules.code else _LONG_WORD + 2  # the neutral rules know no long abbreviation to leave out
    last_parts = {word.rpartition(".")[2] for word in rules.listed}
    but_not = "".join(rf"(?<!(?i:{re.escape(part)})\.)" for part in sorted(last_parts) if len(part) >= length)
    return rf"(?<=[^\W\d_]{{{length}}}\.)", but_not


def _verb_endings(rules: LanguageRules) -> list[str]:
    exceptions = "".join(rf"(?<!{re.escape(word)})" for word in rules.not_final)
    return [rf"{re.escape(ending)}{exceptions} ?[~^ㅎㅋㅠㅜ♡♥]*+(?<! )(?= )" for ending in rules.final_endings]


def _unstopped(rules: LanguageRules) -> list[str]:
    rests: dict[str, list[str]] = {}
    for word in sorted(rules.unmistakable):
        rests.setdefault(word[0].upper(), []).append(re.escape(word[1:]))
    words = {initial: rf"(?:{'|'.join(endings)})(?![\w'’.-])" for initial, endings in rests.items()}
    patterns = [rf"{initial}(?<=[\w)»%] {initial}){rest}" for initial, rest in words.items()]
    if rules.dialogue_dash:
        any_word = "|".join(initial + rest for initial, rest in words.items())
        patterns += [rf"{dash}(?<=[\w)»%] {dash})(?= (?:{any_word}))" for dash in "-–—"]
    return patterns
