"""The rules that decide whether a sentence ends at a candidate, that is at a place that candidates.py has found."""

import re
from dataclasses import dataclass

from beam_jobs.text.languages import LanguageRules
from beam_jobs.text.stops import SPACED_STOPS, STOPS, below_and_beyond

_OPENING = "\"'“”„‘’‚«»‹›([{¿¡*_-–—"
_DASHES = frozenset("-–—")
_UNITS = frozenset(["mm", "cm", "dm", "m", "km", "mg", "g", "kg", "ml", "cl", "dl", "l", "hl", "ha", "kw", "mw", "hz"])
_VOWELS = frozenset("aeiouy")
_WINDOW = 400  # characters to look back for an open quotation; the bound keeps the time linear on any input
_TITLE = re.compile(r"\w+ [A-Z](?![ '’])")  # two capitalised words, the second not "I"
_STOPS = re.escape(STOPS + below_and_beyond(SPACED_STOPS)[0])
# Group 1: what stands before the next word, such as quotation marks, brackets, dashes, an ellipsis. Group 2: the word.
_NEXT_WORD = re.compile(rf"((?:,,|\.\.\.?(?=\w)|…(?=\w)|[^\w,;:{_STOPS}])*+)((?:[^\W_]|['’](?=\w))*+)")


@dataclass(slots=True)
class _Candidate:
    """A candidate with its surroundings.

    `token` is the word before the stop. After the stop come `lead` (quotation marks, brackets and the like), the next
    `word`, and `after`, the character that follows that word.
    """

    line: str
    begin: int  # index of the sentence's first character
    opening: int  # index of the token, or of the quotation marks and brackets that open right before it
    start: int  # index of the stop
    token: str
    lead: str
    word: str
    after: str  # one character, or "" at the end of the line
    rules: LanguageRules
    cased: bool

    def before_starter(self) -> bool:
        return _is_starter(self.word, self.after, self.rules)

    def before_number(self) -> bool:
        return self.word[0].isdigit()

    def opens_sentence(self) -> bool:
        """Whether the token is the first of its sentence."""
        return self.opening - self.begin < 8 and not self.line[self.begin : self.opening].strip(" " + _OPENING)


def sentence_end(line: str, begin: int, start: int, end: int, rules: LanguageRules, cased: bool) -> int:
    """The index where the sentence that began at `begin` ends; 0 if it goes on after the candidate `line[start:end]`.

    `line[start]` is the first stop. `line[end]` is the space after the stops and the closing marks.
    """
    found = _NEXT_WORD.match(line, end + 1)
    assert found is not None  # it always matches, since both groups may be empty
    lead, word = found.groups()
    sure = line[start] in SPACED_STOPS
    if not word or (cased and word[0].islower() and not sure):
        return 0
    if lead[:2] == '" ' and line.count('"', max(begin, start - _WINDOW), start) % 2:
        end, lead = end + 2, lead[2:]  # the quotation mark between the spaces closes the quotation
    after = line[found.end() : found.end() + 1]
    stop = line[start]
    if stop in rules.clause_stops:
        return end if _clause_ends(line, begin, start, word, rules, cased) else 0
    if stop == "." and line[start + 1] not in STOPS:
        opening = line.rfind(" ", 0, start) + 1
        token = line[opening:start].lstrip(_OPENING)
        if not token or not token[-1].isalnum():
            return end  # the stop follows a space, a bracket, a quotation mark or a sign, not a word
        if line[start + 1 : start + 3] == ": ":
            return 0  # "Red. anm.: Innlegget ..."
        candidate = _Candidate(line, begin, opening, start, token, lead, word, after, rules, cased)
        return end if (_number_ends(candidate) if token[0].isdigit() else _word_ends(candidate)) else 0
    if line[start - 1 : start] in ("(", "[") and line[end - 1] in ")]":
        return end if line[start - 3 : start - 2] in STOPS else 0  # "(!)", "[...]": a remark, not the sentence's end
    if not cased and not sure and line[end - 1] not in STOPS:
        return end if _is_starter(word, after, rules) else 0  # "kommer du?» spurte hun": no capital tells
    return end


def unstopped_end(line: str, begin: int, start: int, rules: LanguageRules) -> int:
    """The index where a sentence without a stop ends before the capitalised word or dash at `start`; 0 for none."""
    end = start - 1
    if end <= begin:
        return 0  # the sentence begins here already, after a bracket: "(Ja.) Det ..."
    opening = line.rfind(" ", 0, end) + 1
    before = line[opening:end].lstrip(_OPENING)
    if not before or before.lower() in rules.never_last:
        return 0  # part of a name: "ved Det hvite hus"
    if rules.title_case and (before[0].isupper() or _TITLE.match(line, start)):
        return 0  # in a title: "they read What If They Come"
    if before[0].isupper() and line[start : start + 20].split(" ")[0].lower() in rules.title_words:
        return 0  # "Iron Man"
    if _in_quotation(line, begin, start):
        return 0
    if opening <= begin + 1 and before[0].isdigit():
        return 0  # the number of a heading: "3.1 Om språket"
    return end


def _word_ends(candidate: _Candidate) -> bool:
    """Whether the full stop after a word ends a sentence. After most abbreviations and initials it does not."""
    token, word, rules, cased = candidate.token, candidate.word, candidate.rules, candidate.cased
    key = token.lower()
    if len(token) == 1:
        key = _spaced_abbreviation(candidate.line, candidate.start) or key
    elif "'" in key or "’" in key:
        elided = key[max(key.rfind("'"), key.rfind("’")) + 1 :]
        key = elided if len(elided) > 1 else key  # "dell'art. 941", but "Mulligan's."
    if key in rules.never:
        acronym = cased and len(token) > 1 and token.isupper() and not word.isupper()
        return acronym and candidate.before_starter()  # "avdelingen for HR. Det ..."
    if not (len(key) == 1 and cased and token.isupper()):  # not an initial
        if candidate.line[candidate.opening] == "(" and len(token) < 6 and cased and token.islower():
            return candidate.before_starter()  # "(lat. Iohannes)"
        if key in rules.maybe or (
            key in _UNITS and candidate.line[candidate.opening - 2 : candidate.opening - 1].isdigit()
        ):
            if candidate.before_number() or (candidate.after == "." and word.lower() in rules.maybe):
                return False  # "kr. 500", "Co. Ltd."
            return candidate.before_starter() or (cased and _DASHES.isdisjoint(candidate.lead))
    if key in rules.seldom:
        return candidate.before_starter()
    if key in rules.before_number and candidate.before_number():
        return False
    if token.isupper() and (len(token) == 1 or set(token) <= set("IVXLC")) and candidate.opens_sentence():
        return False  # "B. Metode", "IV. Innledning"
    if len(token) == 1:
        if cased and token.islower() and key in rules.starters and not candidate.before_number():
            return True  # a word of one letter
        return candidate.before_starter()  # "J. S. Bach"
    if "." in token:
        return candidate.before_starter() or any(len(part) > 1 for part in token.split("."))  # "U.S.A. Today"
    if len(token) <= 4 and token.isascii() and token.islower() and _VOWELS.isdisjoint(token):
        return candidate.before_starter()  # a word without a vowel is probably an abbreviation that the lists lack
    return True


def _number_ends(candidate: _Candidate) -> bool:
    """Whether the full stop after a number ends a sentence.

    It does not in "1. Innledning", "3. mai" or "2. Weltkrieg".
    """
    token, word, rules = candidate.token, candidate.word, candidate.rules
    if token[-1].isalpha():
        return True  # "1990-åra", "12kg"
    if candidate.opens_sentence() or candidate.line[candidate.opening - 2 : candidate.opening - 1] == ":":
        return len(token) > 4 and "." not in token  # "1. Innledning", "2.3. Metode"
    if len(token) > 2:
        return True
    if word.lower() in rules.months or (candidate.before_number() and candidate.after == "."):
        return False
    return candidate.before_starter() if rules.ordinals or not candidate.cased else True


def _clause_ends(line: str, begin: int, start: int, word: str, rules: LanguageRules, cased: bool) -> bool:
    """Whether a colon or semicolon ends a sentence before `word`."""
    if not cased or word[0].isdigit():
        return False
    if line[start] == ";":
        return _is_starter(word, "", rules)
    label = line[line.rfind(" ", 0, start) + 1 : start].lstrip(_OPENING)
    if label.lower() in rules.labels:
        return False
    return not _in_quotation(line, begin, start)  # a title: «Guitar Hero: World Tour»


def _in_quotation(line: str, begin: int, start: int) -> bool:
    since = max(begin, start - _WINDOW)
    return line.rfind("«", since, start) > line.rfind("»", since, start)


def _spaced_abbreviation(line: str, start: int) -> str:
    """The abbreviation of spaced single letters that ends at the stop: "m.m" for "m. m."; "" if there is none."""
    letters, at = line[start - 1], start - 1
    while at >= 3 and len(letters) < 8 and line[at - 2 : at] == ". " and line[at - 3].isalpha():
        if at >= 4 and line[at - 4].isalnum():
            break
        letters = f"{line[at - 3]}.{letters}"
        at -= 3
    return letters.lower() if len(letters) > 1 else ""


def _is_starter(word: str, after: str, rules: LanguageRules) -> bool:
    """Whether the word, which `after` follows, often opens a sentence. So do elided articles: "L'homme", "C'è"."""
    key = word.lower().replace("’", "'")
    if key in rules.starters:
        return len(key) > 1 or after not in (".", "-")  # not the "J" of "J.-C."
    elided, apostrophe, _ = key.partition("'")
    return bool(apostrophe) and (elided in rules.starters or elided + "'" in rules.starters)
