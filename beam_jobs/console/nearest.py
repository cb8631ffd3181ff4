"""Which known name a mistyped one was meant to be."""

import difflib
from collections.abc import Iterable


def nearest_name(name: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """The one of `known` that is spelt most like `name`, whatever its case and dashes; empty when none is like it.

    `cutoff` is the least likeness, from 0 to 1, as difflib measures it.
    """
    by_plain = {_plain(candidate): candidate for candidate in known}
    near = difflib.get_close_matches(_plain(name), by_plain, n=1, cutoff=cutoff)
    return by_plain[near[0]] if near else ""


def did_you_mean(name: str, known: Iterable[str], *, before: str = "", otherwise: str = "") -> str:
    """The part of an error message about `name` that says "did you mean ...?", after the text `before`.

    `otherwise` takes its place, without `before`, when no known name is like it.
    """
    near = nearest_name(name, known)
    return f"{before}did you mean {near}?" if near else otherwise


def _plain(name: str) -> str:
    return name.lower().replace("-", "_")
