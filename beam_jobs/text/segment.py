"""Rule-based sentence segmentation: one compiled regular expression finds candidates, rules decide only there."""

from beam_jobs.text.boundaries import sentence_end, unstopped_end
from beam_jobs.text.candidates import DOUBTFUL, UNSTOPPED, WIDE, candidates
from beam_jobs.text.languages import language_rules
from beam_jobs.text.wrapped_lines import join_wrapped_lines, may_be_wrapped

# What str.split() takes for white space, but " " and what str.splitlines() takes for line breaks; ASCII first.
_RARE_SPACES = "\t\x1f\xa0\u202f\u2009\u3000\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u200a\u205f"


def segment(text: str, language: str) -> list[str]:
    r"""The sentences of a document, in order.

    `language` is a code such as "nb", "no", "en-US" or "de_AT"; for any other value the neutral rules serve, which know
    the stops of all scripts but no abbreviations (see languages.py for what each language adds).

    - Line breaks of the text are sentence ends, except in a hard-wrapped document (see wrapped_lines.py).
    - All characters but white space come out, unaltered and in order: sentences are slices of the text.
    - White space inside a sentence (as str.split() sees it, line breaks such as U+2028 included) becomes one space; a
      sentence has none at its ends and is never empty.

    Time is linear in the length of the text, whatever it holds. Lone surrogates are passed on; `normalise` removes them.
    """
    rules = language_rules(language)
    cased = not text.islower()
    found = candidates(rules, cased)
    find, kinds, ordinary = found.pattern.finditer, found.kinds, found.ordinary
    lines = text.splitlines()
    if len(text) < 121 * len(lines) and may_be_wrapped(lines):
        lines = join_wrapped_lines(lines)
    collapse = "  " in text or _has_rare_space(text)
    sentences: list[str] = []
    append = sentences.append
    for line in lines:
        line = " ".join(line.split()) if collapse else line.strip()
        begin = 0
        for match in find(line):
            kind = kinds[match.lastindex or 0]
            if kind == DOUBTFUL:
                start, end = match.span()
                # The usual case, decided here for speed as sentence_end would: one full stop, then a capital.
                if line[start:end] == "." and line[end + 1].isupper():
                    token = line[line.rfind(" ", 0, start) + 1 : start]
                    if token in ordinary or ordinary.learn(token):
                        append(line[begin:end])
                        begin = end + 1
                        continue
                end = sentence_end(line, begin, start, end, rules, cased)
                if not end:
                    continue
            elif kind == UNSTOPPED:
                end = unstopped_end(line, begin, match.start(), rules)
                if not end:
                    continue
            else:
                end = match.end()
                if kind == WIDE and line[end : end + 1] != " ":
                    append(line[begin:end])
                    begin = end
                    continue
            append(line[begin:end])
            begin = end + 1
        if begin < len(line):
            append(line[begin:])
    return sentences


def _has_rare_space(text: str) -> bool:
    for space in _RARE_SPACES[: 2 if text.isascii() else None]:  # noqa: SIM110 (a generator takes twice the time)
        if space in text:
            return True
    return False
