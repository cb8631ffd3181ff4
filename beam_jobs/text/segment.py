"""Rule-based sentence segmentation: one compiled regular expression finds candidates, rules decide only there."""

import re

from beam_jobs.text.boundaries import sentence_end, unstopped_end
from beam_jobs.text.candidates import DOUBTFUL, SURE, candidates
from beam_jobs.text.languages import language_rules

_ODD_SPACE = re.compile(r"[^\S \n]")  # everything that str.split() takes for white space, but the usual two


def segment(text: str, language: str) -> list[str]:
    """The sentences of `text`, in order."""
    rules = language_rules(language)
    cased = not text.islower()
    found = candidates(rules, cased)
    find, kinds, ordinary = found.pattern.finditer, found.kinds, found.ordinary
    collapse = "  " in text or _has_odd_space(text)
    sentences: list[str] = []
    append = sentences.append
    for line in text.splitlines():
        line = " ".join(line.split()) if collapse else line.strip()
        begin = 0
        for match in find(line):
            kind = kinds[match.lastindex or 0]
            start, end = match.span()
            if kind == DOUBTFUL:
                # The usual case, decided here for speed as sentence_end would: an ordinary word, one full stop, a capital.
                opening = line.rfind(" ", 0, start) + 1
                if opening > begin and line[start:end] == "." and line[end + 1].isupper():
                    word = line[opening:start]
                    if word in ordinary or ordinary.learn(word):
                        append(line[begin:end])
                        begin = end + 1
                        continue
                end = sentence_end(line, begin, start, end, rules, cased)
            elif kind != SURE:
                end = unstopped_end(line, begin, start, rules)
            if end > begin:
                append(line[begin:end])
                begin = end + 1 if line[end : end + 1] == " " else end
        if begin < len(line):
            append(line[begin:])
    return sentences


def _has_odd_space(text: str) -> bool:
    return (
        not text.isascii()
        and any(
            s in text
            for s in "\xa0\u202f\u2009\u3000\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u200a\u205f"
        )
        or "\t" in text
        or "\x1f" in text
    )
