"""Finds the JSON values of a stream, whether there is one per line, one after the other, or an array of them.

A `.jsonl` file should hold one value per line. Many hold an array, objects without newlines between them, objects of
several lines, or lines that end with a comma. This module finds the values, and others parse them (the grammar is RFC
8259).
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_CHUNK_BYTES = 1 << 20
_BOM = rb"\xef\xbb\xbf"
# What may stand between values: white space, commas, the record separator of RFC 7464, byte order marks of joined
# files.
_BETWEEN = re.compile(rb"(?:[\s,\x1e]|%b)*+" % _BOM)
_BETWEEN_IN_ARRAY = re.compile(rb"(?:[\s,\x1e\[\]]|%b)*+" % _BOM)
# A string is one token, so that its brackets do not count. Group 1 is empty if the string does not end.
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+("?)|[{}\[\]]', re.DOTALL)
_TRAILING = b" \t\n\r\v\f,\x1e"
_QUOTE, _OPENING = ord('"'), b"{["


@dataclass(frozen=True, slots=True)
class JsonValue:
    """The bytes of one value, or of something that is not a value, at `offset` of the stream. Empty if `too_large`."""

    offset: int
    data: bytes
    too_large: bool = False


def first_value(data: bytes) -> bytes:
    """The bytes from the beginning of the first value on."""
    return data[_BETWEEN.match(data).end() :]  # type: ignore[union-attr]


def is_array(head: bytes) -> bool:
    """Whether a file that begins with `head` is an array of objects."""
    text = first_value(head)
    return text.startswith(b"[") and text[1:].lstrip().startswith(b"{")


def is_spread_over_lines(head: bytes) -> bool:
    """Whether a file that begins with `head` holds objects of several lines each, as `indent` makes them."""
    first, _, rest = first_value(head).partition(b"\n")
    if not first.startswith(b"{"):
        return False
    opened: list[bytes] = []
    for token in _TOKEN.finditer(first):
        if token[0] in (b"{", b"["):
            opened.append(token[0])
        elif token[0] in (b"}", b"]"):
            if not opened:
                return False
            opened.pop()
        elif not token[1]:
            return False  # a string cannot contain a line end
    # A name or the end must follow an opening brace. Another object there means that the first line is broken.
    follows = rest.lstrip()[:1]
    return bool(opened and follows) and (opened[-1] == b"[" or follows in (b'"', b"}"))


def is_run_together(head: bytes) -> bool:
    """Whether a file that begins with `head` holds objects one after the other, without line ends between them."""
    text = first_value(head)
    if b"\n" in text or b"\r" in text or not text.startswith(b"{"):
        return False
    _, end, closed = _scan(text, 0, 0)
    return closed and first_value(text[end:]).startswith(b"{")


def split_values(read: Callable[[int], bytes], max_bytes: int, array: bool = False) -> Iterator[JsonValue]:
    """The values of a stream in order. The memory is that of the largest value.

    Args:
        read: returns at most so many bytes, none at the end.
        max_bytes: a larger value is not kept. It ends the splitting, because the next value cannot be found.
        array: brackets at the top level are not values, but enclose the values.

    Anything that is not an object (or array) is returned up to the next opening brace, perhaps in parts. A value that
    is not closed is returned up to the end.
    """
    between = _BETWEEN_IN_ARRAY if array else _BETWEEN
    buffer, base, start = read(_CHUNK_BYTES), 0, 0  # `base` is the offset of buffer[0]
    while True:
        start = between.match(buffer, start).end()  # type: ignore[union-attr]
        if len(buffer) - start < 3:  # nothing, or part of a byte order mark
            more = read(_CHUNK_BYTES)
            buffer, base, start = buffer[start:] + more, base + start, 0
            if more:
                continue
            if not buffer:
                return
        if buffer[start] not in _OPENING:
            brace = buffer.find(b"{", start)
            end = brace if brace >= 0 else len(buffer)
            yield JsonValue(base + start, buffer[start:end].rstrip(_TRAILING))
            start = end
            continue
        depth, scan = 0, start
        while True:
            depth, scan, closed = _scan(buffer, scan, depth)
            if closed:
                yield JsonValue(base + start, buffer[start:scan])
                start = scan
                break
            more = read(max(_CHUNK_BYTES, len(buffer) - start))  # doubled, since an unfinished string is scanned again
            buffer, base, scan, start = buffer[start:] + more, base + start, scan - start, 0
            if len(buffer) > max_bytes:
                yield JsonValue(base, b"", too_large=True)
                return
            if not more:
                yield JsonValue(base, buffer)
                return


def _scan(buffer: bytes, scan: int, depth: int) -> tuple[int, int, bool]:
    """The depth at the end of the buffer, where to continue, and whether the value is closed there."""
    for token in _TOKEN.finditer(buffer, scan):
        first = buffer[token.start()]
        if first == _QUOTE:
            if not token[1]:
                return depth, token.start(), False
        elif first in _OPENING:
            depth += 1
        else:
            depth -= 1
            if depth == 0:
                return depth, token.end(), True
    return depth, len(buffer), False
