"""Finds the known name that a mistyped name was meant to be."""

import difflib
from collections.abc import Iterable


def nearest_name(name: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """The name in `known` that is most similar to `name`, where case and dashes do not count; empty if none is similar.

    `cutoff` is the least similarity, from 0 to 1, as difflib measures it.
    """
    by_plain = {_plain(candidate): candidate for candidate in known}
    near = difflib.get_close_matches(_plain(name), by_plain, n=1, cutoff=cutoff)
    return by_plain[near[0]] if near else ""


def did_you_mean(name: str, known: Iterable[str], *, before: str = "", otherwise: str = "") -> str:
    """The words "did you mean ...?" for an error message about `name`, with the text `before` in front.

    If no known name is similar, the result is `otherwise`, without `before`.
    """
    near = nearest_name(name, known)
    return f"{before}did you mean {near}?" if near else otherwise


def _plain(name: str) -> str:
    return name.lower().replace("-", "_")
