"""Rule-based sentence segmentation: one compiled regular expression finds candidates, rules decide only there."""

from beam_jobs.text.boundaries import sentence_end, unstopped_end
from beam_jobs.text.candidates import candidates
from beam_jobs.text.languages import language_rules


def segment(text: str, language: str) -> list[str]:
    """The sentences of `text`, in order."""
    rules = language_rules(language)
    cased = not text.islower()
    found = candidates(rules, cased)
    find, sure = found.pattern.finditer, found.sure
    sentences: list[str] = []
    append = sentences.append
    for line in text.splitlines():
        if "  " in line or not line.isprintable():
            line = " ".join(line.split())
        else:
            line = line.strip()
        begin = 0
        for match in find(line):
            kind = match.lastindex
            if kind is None:
                end = sentence_end(line, begin, match.start(), match.end(), rules, cased)
            elif kind <= sure:
                end = match.end()
            else:
                end = unstopped_end(line, begin, match.start(), rules)
            if end > begin:
                append(line[begin:end])
                begin = end + 1 if line[end:end+1] == " " else end
        if begin < len(line):
            append(line[begin:])
    return sentences
