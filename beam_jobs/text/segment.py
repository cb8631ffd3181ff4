"""Rule-based sentence segmentation: a regular expression finds the candidates, and rules decide each of them."""

from beam_jobs.text.boundaries import sentence_end, unstopped_end
from beam_jobs.text.candidates import DOUBTFUL, SURE, UNSTOPPED, WIDE, Candidates, candidates
from beam_jobs.text.languages import LanguageRules, language_rules
from beam_jobs.text.stops import may_hold_rare_stops
from beam_jobs.text.wrapped_lines import join_wrapped_lines, may_be_wrapped


def segment(text: str, language: str) -> list[str]:
    r"""The sentences of a document, in order.

    `language` is a code such as "nb", "no", "en-US" or "de_AT", or a name such as "norwegian". Any other value gets the
    neutral rules, which know the stops of all scripts (stops.py) but no abbreviations; languages.py says what each
    language adds.

    - A line break ends a sentence, except in a hard-wrapped document (wrapped_lines.py).
    - All characters other than white space come out unchanged and in order: sentences are slices of the text.
    - White space inside a sentence (as str.split() sees it, line breaks such as U+2028 included) becomes one space. A
      sentence neither begins nor ends with white space, and is never empty.

    The time is linear in the length of any text. Lone surrogates are kept; `normalise` removes them.
    """
    rules = language_rules(language)
    cased = not text.islower()
    found = candidates(rules, cased, may_hold_rare_stops(text))
    lines = text.splitlines()
    if len(text) < 121 * len(lines) and may_be_wrapped(lines):
        lines = join_wrapped_lines(lines)
    if "  " not in text:
        sentences = _sentences([line.strip() for line in lines], found, rules, cased)
        if sentences is not None:
            return sentences
    return _sentences([" ".join(line.split()) for line in lines], found, rules, cased) or []


def _sentences(lines: list[str], found: Candidates, rules: LanguageRules, cased: bool) -> list[str] | None:
    """The sentences of stripped lines, or None if a line has white space inside that must be collapsed first."""
    find, ordinary = found.pattern.finditer, found.ordinary
    sentences: list[str] = []
    append = sentences.append
    for line in lines:
        begin = 0
        for match in find(line):
            kind = match.lastindex
            if kind == SURE:
                end = match.end()
                append(line[begin : end - 1])
                begin = end
                continue
            start, end = match.span()
            if kind == DOUBTFUL:
                # The usual case: one full stop, then a capital. Decided here as sentence_end would, but faster.
                if line[start:end] == "." and line[end + 1].isupper():
                    token = line[line.rfind(" ", 0, start) + 1 : start]
                    if token in ordinary or ordinary.learn(token):
                        append(line[begin:end])
                        begin = end + 1
                        continue
                end = sentence_end(line, begin, start, end, rules, cased)
            elif kind == UNSTOPPED:
                end = unstopped_end(line, begin, start, rules)
            elif kind == WIDE:
                append(line[begin:end])
                begin = end + (line[end : end + 1] == " ")
                continue
            else:
                return None  # unusual white space
            if end:
                append(line[begin:end])
                begin = end + 1
        if begin < len(line):
            append(line[begin:])
    return sentences
