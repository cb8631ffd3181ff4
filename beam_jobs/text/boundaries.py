"""The rules that decide, at one candidate, whether a sentence ends there."""

import re

from beam_jobs.text.candidates import STOPS
from beam_jobs.text.languages import LanguageRules

_OPENING = "\"'“”„‘’‚«»‹›([{¿¡*_-–—"
_DASHES = "-–—"
_UNITS = frozenset(
    {"mm", "cm", "dm", "m", "km", "mg", "g", "kg", "ml", "cl", "dl", "l", "hl", "ha", "kw", "mw", "hz", "°c"}
)
_WINDOW = 400  # characters looked back for an open quotation: a bound, so that no input makes it quadratic
_NEXT_WORD = re.compile(rf"((?:,,|\.\.\.?(?=\w)|…(?=\w)|[^\w,;:{re.escape(STOPS)}])*+)((?:[^\W_]|['’](?=\w))*+)")


def sentence_end(line: str, begin: int, start: int, end: int, rules: LanguageRules, cased: bool) -> int:
    """Where the sentence that began at `begin` ends, or 0 if it does not end at the candidate `line[start:end]`.

    `line[start]` is the first stop, `line[end]` the space after the stops and the closing marks.
    """
    found = _NEXT_WORD.match(line, end + 1)
    assert found is not None  # both groups may be empty
    lead, word = found.groups()
    after = line[found.end() : found.end() + 1]
    if lead[:2] == '" ' and line.count('"', max(begin, start - _WINDOW), start) % 2:
        end, lead = end + 2, lead[2:]  # a closing quotation mark between spaces
    if not word:
        return 0
    if cased and word[0].islower():
        return 0
    stop = line[start]
    if stop == "." and line[start + 1] not in STOPS:
        return end if _full_stop_ends(line, begin, start, lead, word, after, rules, cased) else 0
    if stop in rules.clause_stops:
        return end if _clause_stop_ends(line, begin, start, word, rules, cased) else 0
    if line[start - 1 : start] in ("(", "[") and line[end - 1] in ")]":
        return end if line[start - 3 : start - 2] in STOPS else 0  # "(!)", "[...]": the stop is not the sentence's
    if not cased and line[end - 1] not in STOPS:
        return end if _is_starter(word, after, rules) else 0  # "kommer du?» spurte hun": a capital cannot tell
    return end


def unstopped_end(line: str, begin: int, start: int, rules: LanguageRules) -> int:
    """Where a sentence ends before the capitalised word at `start` though no stop stands there, or 0 if none does."""
    end = start - 1
    if line[end - 1] in _DASHES:
        end -= 2
    opening = line.rfind(" ", 0, end) + 1
    before = line[opening:end].lstrip(_OPENING)
    if not before or before.lower() in rules.unmistakable:
        return 0  # "ved Det hvite hus"
    if rules.title_case and before[0].isupper():
        return 0
    if opening <= begin + 1 and before[0].isdigit():
        return 0  # the number of a heading: "3.1 Om språket"
    return end


def _full_stop_ends(
    line: str, begin: int, start: int, lead: str, word: str, after: str, rules: LanguageRules, cased: bool
) -> bool:
    """Whether a single full stop ends its sentence: abbreviations, initials, ordinals and enumerators do not."""
    opening = line.rfind(" ", 0, start) + 1
    token = line[opening:start].lstrip(_OPENING)
    if not token or not token[-1].isalnum():
        return True  # a stop between spaces, or after a bracket, a quotation mark or a sign
    if line[start + 1] == ":":
        return False  # "Red. anm.: Innlegget ..."
    starter = _is_starter(word, after, rules)
    if token[0].isdigit():
        return _number_ends(line, begin, opening, start, token, word, after, starter, rules, cased)
    key = token.lower()
    if len(token) == 1:
        key = _spaced_abbreviation(line, start) or key
    elif "'" in key or "’" in key:
        elided = key[max(key.rfind("'"), key.rfind("’")) + 1 :]
        key = elided if len(elided) > 1 else key  # "dell'art. 941", but "Mulligan's."
    initial = len(key) == 1 and token.isupper() and cased
    if key in rules.never and not initial:
        return False
    if line[opening] == "(" and len(token) < 6 and token.islower() and cased:
        return starter  # "(lat. Iohannes)"
    if not initial and key in rules.maybe or key in _UNITS and line[opening - 2 : opening - 1].isdigit():
        if word[0].isdigit() or after == "." and word.lower() in rules.maybe:
            return False  # "kr. 500", "Co. Ltd."
        return starter or cased and not any(dash in lead for dash in _DASHES)
    if key in rules.seldom:
        return starter
    if key in rules.before_number and word[0].isdigit():
        return False
    if len(token) == 1:
        if cased and token.islower() and key in rules.starters and not word[0].isdigit():
            return True  # a word of one letter
        return starter and not (after == "." and len(word) == 1)  # initials: "J. S. Bach"
    if "." in token:
        return starter or any(len(part) > 1 for part in token.split("."))  # "U.S.A. Han", not "U.S.A. Today"
    if token.isupper() and not word[0].isdigit() and opening <= begin + 1 and set(token) <= set("IVXLC"):
        return False  # "IV. Innledning"
    if token.isascii() and len(token) <= 4 and token.islower() and not set(key) & set("aeiouy"):
        return starter  # no vowel: an abbreviation that the list does not know
    return True


def _number_ends(
    line: str,
    begin: int,
    opening: int,
    start: int,
    token: str,
    word: str,
    after: str,
    starter: bool,
    rules: LanguageRules,
    cased: bool,
) -> bool:
    """Whether the full stop after a number ends a sentence; not after "1." before a heading or an ordinal."""
    if token[-1].isalpha():
        return True  # "1990-åra", "12kg"
    short = len(token) <= 2
    if line[begin:opening].strip(" " + _OPENING) == "" or line[opening - 2 : opening - 1] == ":":
        return len(token) > 4 and "." not in token  # "1. Innledning", "2.3. Metode"
    if short:
        if word.lower() in rules.months or word[0].isdigit() and after == ".":
            return False
        if rules.ordinals or not cased:
            return starter
    return True


def _clause_stop_ends(line: str, begin: int, start: int, word: str, rules: LanguageRules, cased: bool) -> bool:
    if not cased or word[0].isdigit():
        return False
    if line[start] == ";":
        return _is_starter(word, "", rules)
    label = line[line.rfind(" ", 0, start) + 1 : start].lstrip(_OPENING)
    if label.lower() in rules.labels:
        return False
    since = max(begin, start - _WINDOW)
    return line.rfind("«", since, start) <= line.rfind("»", since, start)  # not in a title: «Guitar Hero: World Tour»


def _spaced_abbreviation(line: str, start: int) -> str:
    """The dotted form of an abbreviation written with spaces that ends at `start`: "f. eks." gives nothing, "m. m." "m.m"."""
    letters = line[start - 1]
    at = start - 1
    while at >= 3 and line[at - 1] == " " and line[at - 2] == "." and line[at - 3].isalpha():
        if at >= 4 and line[at - 4].isalnum():
            break
        letters = f"{line[at - 3]}.{letters}"
        at -= 3
        if len(letters) > 7:
            break
    return letters.lower() if len(letters) > 1 else ""


def _is_starter(word: str, after: str, rules: LanguageRules) -> bool:
    """Whether the word, which `after` follows, often opens a sentence; elided articles do: "L'homme", "C'è"."""
    key = word.lower().replace("’", "'")
    if key in rules.starters:
        return len(key) > 1 or after not in ".-"  # not the "J" of "J.-C."
    return "'" in key and key[: key.index("'") + 1] in rules.starters or key.split("'")[0] in rules.starters
