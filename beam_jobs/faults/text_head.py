"""Judges a text file by its first bytes: its encoding, and whether it is text at all."""

import codecs
import re
from dataclasses import dataclass

HEAD_BYTES = 1 << 16
"""How much of a file is judged. All ranges of a file use the same bytes, so they agree."""

STRAY_BYTES = 4
"""Up to this many invalid bytes are taken for damage. More of them, if the share is large, mean another encoding."""

MAX_NUL_SHARE = 0.01
"""With a larger share of NUL characters a file is not text. In UTF-16 every second byte of English is NUL."""

_BYTE_ORDER_MARKS = (  # UTF-32 first, because its mark begins with that of UTF-16
    (b"\xff\xfe\0\0", "utf-32-le"),
    (b"\0\0\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_BINARY = (
    (b"\x1f\x8b", "gzip data; name it .gz"),
    (b"\x28\xb5\x2f\xfd", "Zstandard data; name it .zst"),
    (b"BZh91AY&SY", "bzip2 data; name it .bz2"),
    (b"\xfd7zXZ\0", "xz data; unpack it"),
    (b"PK\x03\x04", "a ZIP archive; unpack it"),
    (b"PAR1\x15", "Parquet; name it .parquet"),
    (b"%PDF-", "a PDF; extract its text"),
)


_ESCAPED = re.compile("[\udc80-\udcff]+")  # bytes that are not UTF-8, decoded by surrogateescape


@dataclass(frozen=True, slots=True)
class TextHead:
    """The result of `judge_head`."""

    encoding: str = ""  # the codec to decode with; "" for UTF-8 and anything close to it
    not_text: str = ""  # what the file is instead; "" for text
    suspected: str = ""  # the encoding that it seems to have, if UTF-8 does not fit


def judge_head(head: bytes) -> TextHead:
    """Judge a file by its first HEAD_BYTES, or by all of it if it is shorter."""
    for mark, codec in _BYTE_ORDER_MARKS:
        if head.startswith(mark):
            return TextHead(codec)
    for magic, what in _BINARY:
        if head.startswith(magic):
            return TextHead(not_text=f"it is {what}")
    if too_many_nuls(head.count(0), len(head)):
        return TextHead(not_text=_wide_encoding(head))
    try:
        codecs.utf_8_decode(head, "strict", False)  # the last character may be cut
        return TextHead()
    except UnicodeDecodeError:
        bad, good = _count_characters(head)
    return TextHead(suspected=suspected_encoding(bad, len(head)) if len(bad) > max(STRAY_BYTES, good) else "")


def too_many_nuls(nuls: int, length: int) -> bool:
    """Whether so many NULs in data of this length mean that it is not text."""
    return nuls > max(STRAY_BYTES, length * MAX_NUL_SHARE)


def _wide_encoding(head: bytes) -> str:
    """UTF-16 or UTF-32 without a mark, by its NULs: with Latin letters every second byte, or three of four."""
    at = [head[i::4].count(0) > len(head) / 40 for i in range(4)]
    wide = {
        (False, True, True, True): "UTF-32 (little-endian)",
        (True, True, True, False): "UTF-32 (big-endian)",
        (False, True, False, True): "UTF-16 (little-endian)",
        (True, False, True, False): "UTF-16 (big-endian)",
    }.get((at[0], at[1], at[2], at[3]))
    share = f"{head.count(0) / len(head):.0%} of its first bytes are NUL"
    return f"{share}: it seems to be {wide} without a byte order mark" if wide else f"{share}: it is binary data"


def invalid_bytes(data: bytes) -> bytes:
    """The bytes that are not part of valid UTF-8."""
    text = data.decode("utf-8", "surrogateescape")
    return "".join(_ESCAPED.findall(text)).encode("utf-8", "surrogateescape")


def suspected_encoding(invalid: bytes, length: int) -> str:
    """A guess at the encoding of a text of `length` bytes with these invalid bytes, for a message."""
    if len(invalid) > length / 4:
        return "an encoding such as windows-1251, gb18030 or shift_jis"
    if any(0x80 <= byte <= 0x9F for byte in invalid):
        return "windows-1252"  # ISO-8859-1 has control characters there
    return "ISO-8859-1 or windows-1252"


def _count_characters(head: bytes) -> tuple[bytes, int]:
    """The bytes that are not UTF-8, and the number of valid characters beyond ASCII."""
    bad = invalid_bytes(head)
    return bad, sum(character > "\x7f" for character in head.decode("utf-8", "ignore"))
