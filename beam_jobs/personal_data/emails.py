"""E-mail addresses."""

import re
from collections.abc import Iterator

from beam_jobs.personal_data.span import Span

_LONGEST_LOCAL = 64  # RFC 5321, section 4.5.3.1.1
_DOMAIN = re.compile(r"@((?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8}[^\W\d_]{2,24})(?![\w-])")
_LOCAL = re.compile(r"[\w.+%-]*\Z")


def find_emails(text: str) -> Iterator[Span]:
    """The places of addresses of the form `name@domain.tld`, letters of any script allowed.

    A domain has two to nine parts, of which the last has letters only. What stands before the `@` is at most 64 letters,
    digits, and `._%+-`, and neither begins nor ends with a dot. Names such as `@kari` and `a@b` are left.
    """
    taken = 0
    for match in _DOMAIN.finditer(text):
        at = match.start()
        local = _LOCAL.search(text, max(taken, at - _LONGEST_LOCAL), at)
        begin = local.start() if local else at
        while begin < at and not (text[begin].isalnum() or text[begin] == "_"):
            begin += 1
        if begin < at and text[at - 1] != ".":
            taken = match.end()
            yield begin, taken
