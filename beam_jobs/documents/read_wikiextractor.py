"""Reads the files that wikiextractor makes from a Wikipedia dump: `<doc id=... url=... title=...>` to `</doc>`."""

import html
import re
from collections.abc import Iterator

from beam_jobs.documents.lines import read_lines, too_large
from beam_jobs.documents.open_text import TextRange, open_text, with_newlines
from beam_jobs.documents.read_jsonl import read_jsonl
from beam_jobs.faults.source_faults import MAX_DOCUMENT_BYTES, SourceFaults
from beam_jobs.inputs.plan_ranges import InputPiece
from beam_jobs.records import Document
from beam_jobs.settings import SegmentSettings

_BEGIN = re.compile(rb'<doc id="([^"\n]*)"[^\n]* title="[^\n]*">\s*')
_END = b"</doc>"


def is_wikiextractor(head: bytes) -> bool:
    """Whether a file that begins with `head` holds articles of wikiextractor."""
    return _BEGIN.match(head.removeprefix(b"\xef\xbb\xbf").lstrip()) is not None


def read_wikiextractor(piece: InputPiece, settings: SegmentSettings, faults: SourceFaults) -> Iterator[Document]:
    """The documents that begin in a piece of a file of wikiextractor, whose `--json` writes JSON Lines."""
    with open_text(piece, faults) as opened:
        is_json = opened.head.lstrip().startswith(b"{")
        if not is_json:
            yield from read_articles(opened, piece.name, settings, faults)
    if is_json:
        yield from read_jsonl(piece, settings, faults)


def read_articles(opened: TextRange, name: str, settings: SegmentSettings, faults: SourceFaults) -> Iterator[Document]:
    """The articles whose `<doc ...>` lies in the range, with their ids. References such as `&lt;` are decoded.

    An article without an end is kept up to the next one, and counts as repaired. Text outside of articles is set aside.
    """
    article: list[bytes] | None = None
    id, start, size = "", 0, 0
    outside = opened.start == 0  # a later range may begin in the middle of an article

    def finish() -> Iterator[Document]:
        if size > MAX_DOCUMENT_BYTES:
            faults.reject(start, size, "too_large", too_large(size), id)
            return
        text = faults.decode(b"".join(article or ()), start)
        if text is not None:
            yield Document(id, html.unescape(text), settings.language, name, start, size=size)

    for offset, line in read_lines(with_newlines(opened, faults), faults):
        inside = opened.end < 0 or offset < opened.end
        begin = _BEGIN.fullmatch(line)
        if begin:
            if article is not None:
                faults.repair("articles_without_end")
                yield from finish()
            if not inside:
                return
            article, start, size = [], offset, len(line)
            id = begin[1].decode("utf-8", "replace") or f"{name}:{offset}"
        elif line.startswith(_END):
            if article is not None:
                size += len(line)
                yield from finish()
            article, outside = None, True
            if not inside:
                return
        elif article is not None:
            size += len(line)
            if size <= MAX_DOCUMENT_BYTES:
                article.append(line)
        elif not inside:
            return
        elif outside and line.strip():
            faults.reject(offset, len(line), "outside_of_doc", "this line stands outside of <doc ...> and </doc>")
    if article is not None:
        faults.repair("articles_without_end")
        yield from finish()
