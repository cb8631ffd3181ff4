"""Rule-based sentence segmentation: compiled code finds the clear sentence ends, and rules decide the doubtful places."""

import re
from collections.abc import Callable, Iterator

import numpy as np

from beam_jobs.text.boundaries import sentence_end, unstopped_end
from beam_jobs.text.candidates import RARE_SPACE, SURE, UNSTOPPED, WIDE, Candidates, candidates
from beam_jobs.text.languages import LanguageRules, language_rules
from beam_jobs.text.place_tables import place_tables
from beam_jobs.text.places_kernel import CUT, DOUBLE_SPACE, LINE_END, find_places
from beam_jobs.text.stops import may_hold_rare_stops
from beam_jobs.text.wrapped_lines import join_wrapped_lines, may_be_wrapped

_BATCH = 1 << 20  # characters that the compiled code looks through at once, which bounds the memory
_LONGEST = 1 << 24  # characters; one line may be longer than a batch, but a longer text than this takes much memory
_SHORT = 300  # characters; for less text, a call of the compiled code costs more than it saves

_Ends = list[int] | None  # how many sentences there are up to the end of each line, for those who ask


def segment(text: str, language: str, line_ends: list[int] | None = None) -> list[str]:
    r"""The sentences of a document, in order.

    `language` is a code such as "nb", "no", "en-US" or "de_AT", or a name such as "norwegian". Any other value gets the
    neutral rules, which know the stops of all scripts (stops.py) but no abbreviations; languages.py says what each
    language adds.

    - A line break ends a sentence, except in a hard-wrapped document (wrapped_lines.py).
    - All characters other than white space come out unchanged and in order: sentences are slices of the text.
    - White space inside a sentence (as str.split() sees it, line breaks such as U+2028 included) becomes one space. A
      sentence neither begins nor ends with white space, and is never empty.

    For each line, those of a hard-wrapped document joined, `line_ends` is given the number of sentences up to its end.

    The time is linear in the length of any text. Lone surrogates are kept; `normalise` removes them.
    """
    rules = language_rules(language)
    cased = not text.islower()
    lines = text.splitlines()
    if may_be_wrapped(text, len(lines)):
        lines = join_wrapped_lines(lines)
    lines = [line.strip() for line in lines]
    # Where East Asian stops or Korean verb endings are frequent, most places are for the pattern anyway.
    east_asian = rules.final_endings or text.count("。") > len(text) // 200
    if not cased or east_asian or len(text) < _SHORT:
        found = candidates(rules, cased, may_hold_rare_stops(text))
        if "  " in text:
            lines = _without_double_spaces(lines)
        return _collapsed_if_needed(
            lines, lambda some, ends: sentences_by_pattern(some, ends, found, rules, cased), line_ends
        )
    sentences: list[str] = []
    for batch in [lines] if len(text) <= _BATCH else _batches(lines):
        ends: list[int] | None = None if line_ends is None else []
        before = len(sentences)
        sentences += _collapsed_if_needed(batch, lambda some, ends: _sentences(some, ends, rules), ends)
        if line_ends is not None and ends:
            line_ends.extend(before + end for end in ends)
    return sentences


def _collapsed_if_needed(
    lines: list[str], sentences_of: Callable[[list[str], _Ends], list[str] | None], ends: _Ends
) -> list[str]:
    """The sentences of stripped lines, whose white space is collapsed first if `sentences_of` gives None."""
    sentences = sentences_of(lines, ends)
    if sentences is None:
        if ends:
            ends.clear()
        sentences = sentences_of([_collapse(line) for line in lines], ends)
    return sentences or []


def _collapse(line: str) -> str:
    return " ".join(line.split())


def _without_double_spaces(lines: list[str]) -> list[str]:
    return [_collapse(line) if "  " in line else line for line in lines]


def _sentences(lines: list[str], ends: _Ends, rules: LanguageRules) -> list[str] | None:
    """The sentences of stripped lines with capitals, or None if a line has white space inside to collapse first."""
    text = "\n" + "\n".join(lines) + "\n"
    if len(text) > _LONGEST:
        found = candidates(rules, True, may_hold_rare_stops(text))
        return sentences_by_pattern(_without_double_spaces(lines), ends, found, rules, True)
    codes = np.frombuffer(text.encode("utf-16-le", "surrogatepass"), np.uint16)
    if len(codes) > len(text):
        if may_hold_rare_stops(text):
            found = candidates(rules, True, True)
            return sentences_by_pattern(_without_double_spaces(lines), ends, found, rules, True)
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    return _sentences_by_kernel(text, codes, ends, candidates(rules, True, False), rules)


def sentences_by_pattern(
    lines: list[str], ends: _Ends, found: Candidates, rules: LanguageRules, cased: bool
) -> list[str] | None:
    """`_sentences`, where the pattern finds every place: for rare texts, and the plain version that tests compare."""
    sentences: list[str] = []
    for line in lines:
        begin = 0
        for match in found.pattern.finditer(line):
            if match.lastindex == RARE_SPACE:
                return None
            end, following = _decide(match, line, begin, found, rules, cased)
            if end:
                sentences.append(line[begin:end])
                begin = following
        if begin < len(line):
            sentences.append(line[begin:])
        if ends is not None:
            ends.append(len(sentences))
    return sentences


def _decide(
    match: re.Match[str], line: str, begin: int, found: Candidates, rules: LanguageRules, cased: bool
) -> tuple[int, int]:
    """Where the sentence that began at `begin` ends at a candidate, and where the next one begins; 0, 0 if it goes on."""
    kind = match.lastindex
    start, end = match.span()
    if kind == SURE:
        return end - 1, end
    if kind == WIDE:
        return end, end + (line[end : end + 1] == " ")
    if kind == UNSTOPPED:
        end = unstopped_end(line, begin, start, rules)
    else:
        # The usual case: one full stop, then a capital. Decided here as sentence_end would, but faster.
        if line[start:end] == "." and line[end + 1].isupper():
            token = line[line.rfind(" ", 0, start) + 1 : start]
            if token in found.ordinary or found.ordinary.learn(token):
                return end, end + 1
        end = sentence_end(line, begin, start, end, rules, cased)
    return end, end + 1


def _batches(lines: list[str]) -> Iterator[list[str]]:
    """The lines in lists of about `_BATCH` characters."""
    first = size = 0
    for number, line in enumerate(lines):
        if size > _BATCH:
            yield lines[first:number]
            first, size = number, 0
        size += len(line)
    yield lines[first:]


def _sentences_by_kernel(
    text: str, codes: np.ndarray, ends: _Ends, found: Candidates, rules: LanguageRules
) -> list[str] | None:
    """`_sentences` for text that has capitals, but no stops beyond U+FFFF.

    `text` has a newline behind each line and one before the first; `codes` are its code points.
    """
    places, verdicts = np.empty(len(codes), np.int64), np.empty(len(codes), np.uint8)  # hardly any of it is used
    count = find_places(codes, place_tables(rules), places, verdicts)
    if count == DOUBLE_SPACE:  # the compiled search finds out at no cost, and "in" would take as long as half a search
        return _sentences(_without_double_spaces(text[1:-1].split("\n")), ends, rules)
    sentences: list[str] = []
    append = sentences.append
    line, line_start, line_end = "", 0, 0  # the line that was last taken out of the text
    begin = 1
    passed = 0  # the end of the last match: the places within it are part of that candidate
    for at, verdict in zip(places[:count].tolist(), verdicts[:count].tolist(), strict=True):
        if verdict == LINE_END:
            if begin < at:
                append(text[begin:at])
            begin = at + 1
            if ends is not None:
                ends.append(len(sentences))
        elif at < passed:
            continue
        elif verdict == CUT:
            append(text[begin : at + 1])
            begin = at + 2
        else:
            if at > line_end:
                line_start, line_end = text.rfind("\n", 0, at) + 1, text.find("\n", at)
                line = text[line_start:line_end]
            match = found.pattern.match(line, at - line_start)
            if match is None:
                continue
            if match.lastindex == RARE_SPACE:
                return None
            passed = line_start + match.end()
            end, following = _decide(match, line, begin - line_start, found, rules, True)
            if end:
                append(text[begin : line_start + end])
                begin = line_start + following
    return sentences
