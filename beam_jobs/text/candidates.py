"""The regular expression that finds every place where a sentence may end.

It takes linear time on any input: all repetitions are possessive, a run of stops can match only from its start, and
look-behinds have a fixed width.

It is arranged for speed. The pattern begins with the set of all characters that can begin a candidate, so that the
search skips to the next of them; this takes half of the time. Most of those characters, capitals and full stops, turn
out not to be candidates. So the alternatives that follow begin with a literal wherever possible, because a literal
fails faster than a look-behind.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from beam_jobs.text.languages import LanguageRules
from beam_jobs.text.stops import ALL_STOPS, SHADS, SPACED_STOPS, STOPS, WIDE_STOPS, below_and_beyond

CLOSERS = "\"'”’“‘»«›‹)]}」』）】》〉〕］｣*_"
_WIDE_CLOSERS = "\"'”’»›)]}」』）】》〉〕］｣"  # “ opens a quotation in Chinese
CAPITAL = "A-ZÀ-ÖØ-ÞŁŚŻŹĆŃŠŽČĐİŞĞÇΑ-ΫΆΈΉΊΌΎΏА-ЯЁЄІЇ"

DASHES = "–—-"
# The white space of str.split(), without " " and without the line breaks of str.splitlines().
_RARE_SPACES = "\t\x1f\xa0\u202f\u2009\u3000\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u200a\u205f"
_ALL_STOPS = re.escape(ALL_STOPS)
LONG_WORD = 5  # letters
VOWELS = frozenset("aeiouyæøåäöüéèàáíóúAEIOUYÆØÅÄÖ")

# The kinds of candidates. The `lastindex` of a match says which it is.
SURE = 1  # a sentence ends before the last character of the match, which is a space
UNSTOPPED = 2  # the match begins with the capitalised word that opens a sentence, although the one before has no stop
DOUBTFUL = 3  # boundaries.py decides; the match holds the stops and the closing marks after them
WIDE = 4  # a sentence ends where the match ends; a space may follow
RARE_SPACE = 5  # not a candidate: the line has white space to collapse (found in the same search, at no cost)


@dataclass(frozen=True, eq=False)
class Candidates:
    """The pattern of a language, and its ordinary words, which decide the commonest of the doubtful candidates.

    The characters are what place_tables.py needs to know of the pattern.
    """

    pattern: re.Pattern[str]
    ordinary: "OrdinaryWords"
    first: str  # the characters that a match can begin with
    initials: str  # those of them that begin an UNSTOPPED candidate
    stops: str


class OrdinaryWords(set[str]):
    """A cache of words to which no rule of boundaries.py applies, so that a full stop after them ends a sentence.

    The cache only saves time; answers do not depend on what is in it. Threads may share it: a set's `add` and `clear`
    are atomic, and a word that another thread has just removed is added again.
    """

    def __init__(self, rules: LanguageRules):
        super().__init__()
        self._listed = rules.listed

    def learn(self, token: str) -> bool:
        """Whether a full stop after the token ends a sentence when a capital follows.

        If so, the token is remembered.
        """
        if not token or not token[-1].isalnum():
            return True  # the stop follows a space, a bracket or a quotation mark, not a word
        if not token.isalpha() or token.isupper() or token.lower() in self._listed:
            return False
        if len(token) == 1 or (len(token) < LONG_WORD and VOWELS.isdisjoint(token)):
            return False
        if len(self) > 50_000:
            self.clear()
        if len(token) < 40:
            self.add(token)
        return True


@lru_cache(maxsize=128)
def candidates(rules: LanguageRules, cased: bool, rare_stops: bool) -> Candidates:
    """The candidates of a language. `cased` is False for text without any capital letter.

    `rare_stops` says that the text may hold stops beyond U+FFFF. They are left out otherwise, because the regular
    expression would compare every character with each of them.
    """
    spaced, rare_spaced = below_and_beyond(SPACED_STOPS)
    wide, rare_wide = below_and_beyond(WIDE_STOPS)
    stops = STOPS + rules.extra_stops + rules.clause_stops + spaced
    other_stops = "".join(stop for stop in STOPS + rules.extra_stops if stop not in rules.clause_stops)
    any_stop = f"[{re.escape(stops)}]"
    # “?»”, “.[17]”, the French “. »”, “.:)”. Only the first group repeats, because an emoticon holds stops itself.
    closers = rf"(?:[{re.escape(CLOSERS)}]| ?\[\d{{1,3}}\]| (?:''|’’|[”»])(?= ))*+(?: ?[:;=]-?[)(DP](?!\w))?+"
    doubtful = rf"(?<!{any_stop}{any_stop}){any_stop}*+{closers}"
    before_any, before_clause = "(?= [^a-z])" if cased else "(?= )", r"(?= [^a-z\d])"
    doubts = [f"(?<=[{re.escape(other_stops)}]){doubtful}{before_any}"]
    if rules.clause_stops:
        doubts.append(f"(?<=[{re.escape(rules.clause_stops)}]){doubtful}{before_clause}")
    doubts.append(f"(?<=[{spaced}]){doubtful}(?= )")
    if rare_stops:
        doubts.append(f"(?<=[{rare_spaced}])(?<![{_ALL_STOPS}][{_ALL_STOPS}])[{_ALL_STOPS}]*+{closers}(?= )")
    sure, unstopped = _verb_endings(rules), []
    if cased:
        capital = f" (?=[{CAPITAL}])"
        letter = capital if rules.word_ordinals else r" (?=[^\W\d_])"
        emoticons = [rf"-[)(DP](?<=[:;]-.){capital}", f"[)(DP](?<=[:;].){capital}"]  # :-)
        sure = [letter + _long_word(rules), rf"{capital}(?<=[^\W\d_][?!] )", *emoticons, *sure]
        unstopped = _unstopped(rules)
    initials = "".join(sorted({word[0].upper() for word in rules.unmistakable} | set(DASHES))) if unstopped else ""
    not_initial = f"(?<![{re.escape(initials)}])" if initials else ""
    if rare_stops:
        wide, stops = wide + rare_wide, stops + rare_spaced
    # In the order of the kinds. A kind without alternatives gets a pattern that never matches.
    others = [
        _any_of(doubts),
        _wide_end(wide),
        f"(?<=[{_RARE_SPACES}])",
    ]
    first = stops + _RARE_SPACES + wide + ":;" + initials + "".join(ending[0] for ending in rules.final_endings)
    return Candidates(
        re.compile(
            f"[{re.escape(first)}](?:{_any_of(sure)}()|{_any_of(unstopped)}()|{not_initial}(?:{'()|'.join(others)}()))"
        ),
        ordinary=OrdinaryWords(rules),
        first=first,
        initials=initials,
        stops=stops,
    )


def long_word_length(rules: LanguageRules) -> int:
    """The letters of a word that is too long for an abbreviation, unless it is listed."""
    return LONG_WORD if rules.code else LONG_WORD + 2  # the neutral rules have no list of long abbreviations


def long_abbreviations(rules: LanguageRules) -> list[str]:
    """The listed abbreviations that are as long as that; of one with full stops inside, the part behind the last."""
    parts = {word.rpartition(".")[2] for word in rules.listed}
    return sorted(part for part in parts if len(part) >= long_word_length(rules))


def _any_of(alternatives: list[str]) -> str:
    return f"(?:{'|'.join(alternatives)})" if alternatives else "(?!)"


def _wide_end(stops: str) -> str:
    return (
        f"(?<=[{stops}])"
        "(?<!\u17d4(?=\u179b\u17d4))"  # not the first stop of the Khmer "etc.": "។ល។"
        "(?<![\u0f04-\u0f07].)(?<![\u0f04-\u0f07]. .)"  # not the shads that open a Tibetan text: "༄༅། །"
        f"[{stops}]*+(?: [{SHADS}]++)*+[{re.escape(_WIDE_CLOSERS)}]*+"
    )


def _long_word(rules: LanguageRules) -> str:
    """Look-behinds for ". " after a word too long for an abbreviation. The few long abbreviations are listed."""
    of_length: dict[int, list[str]] = {}
    for part in long_abbreviations(rules):
        of_length.setdefault(len(part), []).append(re.escape(part))
    but_not = "".join(rf"(?<!(?i:{'|'.join(parts)})\. )" for parts in of_length.values())
    return rf"(?<=[^\W\d_]{{{long_word_length(rules)}}}\. ){but_not}"


def _verb_endings(rules: LanguageRules) -> list[str]:
    """The verb endings, without their first character, which the pattern has matched already."""
    exceptions = "".join(rf"(?<!{re.escape(word)})" for word in rules.not_final)
    return [
        rf"{re.escape(ending[1:])}(?<={re.escape(ending)}){exceptions} ?[~^ㅎㅋㅠㅜ♡♥]*+(?<! ) "
        for ending in rules.final_endings
    ]


def _unstopped(rules: LanguageRules) -> list[str]:
    """The words, without their first letter, which the pattern has matched already, and the dashes, sorted."""
    before, no_more = r"[\w)»%] ", r"(?![\w'’.-])"
    rests: dict[str, list[str]] = {}
    for word in sorted(rules.unmistakable):
        rests.setdefault(word[1:], []).append(word[0].upper())
    of_second: dict[str, list[str]] = {}
    for rest, initials in rests.items():
        word = rf"{re.escape(rest[1:])}(?<={before}[{''.join(initials)}]{re.escape(rest)}){no_more}"
        of_second.setdefault(rest[:1], []).append(word)
    patterns = [re.escape(second) + _any_of(words) for second, words in of_second.items()]
    if rules.dialogue_dash:
        words = [word[0].upper() + re.escape(word[1:]) for word in sorted(rules.unmistakable)]
        patterns.append(f" (?<={before}[{DASHES}] )(?={_any_of(words)}{no_more})")
    return patterns
