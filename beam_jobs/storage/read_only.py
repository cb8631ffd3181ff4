"""Places that are only read: files at http:// and https://, and datasets of the Hugging Face hub at hf://."""

from collections.abc import Callable
from functools import partial

from beam_jobs.errors import UserError
from beam_jobs.storage.hub_datasets import Listed, hub_files, hub_range, hub_state
from beam_jobs.storage.paths import scheme_of
from beam_jobs.storage.range_stream import RangeStream
from beam_jobs.storage.web import web_range, web_state


def open_read_only(uri: str, start: int = 0, end: int = -1) -> RangeStream:
    """A seekable stream of a file's bytes as stored, from `start` on; see `RangeStream`. Its errors are OSErrors."""
    fetch: Callable[[str, int, int], bytes] = hub_range if scheme_of(uri) == "hf" else web_range
    return RangeStream(partial(fetch, uri), lambda: read_only_state(uri)[0], start, end)


def read_only_state(uri: str) -> tuple[int, str]:
    """Size of a file in bytes, and its version. Raises FileNotFoundError if there is none."""
    return hub_state(uri) if scheme_of(uri) == "hf" else web_state(uri)


def read_only_files(pattern: str) -> list[Listed]:
    """The files that an address names. On the web that is one, since there are no folders to list.

    Raises FileNotFoundError if there is none.
    """
    if scheme_of(pattern) == "hf":
        return hub_files(pattern)
    if pattern.endswith("/") or any(sign in pattern for sign in "*?["):
        raise UserError(
            f"{pattern}: a web server lists no files; give the address of each, without a ? behind its name"
        )
    size, version = web_state(pattern)
    return [(pattern, size, version)]
