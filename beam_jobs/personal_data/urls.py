"""Addresses of web pages and of files."""

import re
from collections.abc import Iterator

from beam_jobs.personal_data.span import Span

_URL = re.compile(r"""(?<![^\W_])(?:(?:https?|ftp)://|www\.)[^\s<>"«»“”„]+""", re.IGNORECASE)
_AT_THE_END = ".,;:!?'’…*_-–—([{|"
_CLOSING = {")": "(", "]": "[", "}": "{"}
_NAMED = re.compile(r"(?:://|www\.)\w", re.IGNORECASE)


def find_urls(text: str) -> Iterator[Span]:
    """The places of what begins with http://, https://, ftp:// or www., up to white space or quotation marks.

    Punctuation at its end belongs to the sentence, and so does a bracket that is not opened in it. Addresses without
    these beginnings, such as `vg.no`, are left: they are names as well.
    """
    for match in _URL.finditer(text):
        url = match[0]
        end = _end_without_punctuation(url)
        if _NAMED.search(url, 0, end):
            yield match.start(), match.start() + end


def _end_without_punctuation(url: str) -> int:
    opened = {closing: url.count(closing) - url.count(opening) for closing, opening in _CLOSING.items()}
    end = len(url)
    while end:
        last = url[end - 1]
        if last in _CLOSING and opened[last] > 0:
            opened[last] -= 1
        elif last not in _AT_THE_END:
            break
        end -= 1
    return end
