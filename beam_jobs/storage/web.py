"""Reads single files from http:// and https://: small ones whole, with smart_open, and texts in parts."""

import contextlib
import http.client
from collections.abc import Iterator
from typing import Any

from beam_jobs.errors import UserError
from beam_jobs.storage.ranges import whole_range
from beam_jobs.storage.retries import retried

TIMEOUT_SECONDS = 20.0  # to connect, and between two packets
_HEADERS = {"User-Agent": "beambert", "Accept-Encoding": "identity"}  # the bytes as they lie on the server


def read_web(uri: str, timeout: float = TIMEOUT_SECONDS) -> bytes:
    """The bytes of a file. Raises FileNotFoundError if there is none, and OSError if it cannot be reached."""
    import requests
    import smart_open  # only here, as they are slow to import, and most files are elsewhere
    import urllib3

    options: dict[str, Any] = {"headers": _HEADERS, "timeout": timeout}
    try:
        with smart_open.open(uri, "rb", compression="disable", transport_params=options) as stream:
            return stream.read()
    except requests.HTTPError as error:
        answer: Any = error.response
        if answer.status_code == 404:
            raise FileNotFoundError(f"{uri} does not exist (HTTP 404)") from error
        raise OSError(f"HTTP {answer.status_code} {answer.reason}") from error
    except (ValueError, requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
        raise OSError(_reason(error)) from error


def _reason(error: BaseException) -> str:
    """The words of the error that caused the others: clients wrap it several times, and their own words are long."""
    while error.__context__ is not None:
        error = error.__context__
    if isinstance(error, http.client.IncompleteRead):
        return f"the connection broke after {len(error.partial)} bytes"
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def web_state(uri: str) -> tuple[int, str]:
    """Size of a file in bytes and its version: the time of its last change, or else the server's tag for its content.

    Servers of one site may have tags of their own for the same file, which would seem to change while a job reads it.

    Raises FileNotFoundError if there is none, and OSError if it cannot be reached or its size is not told.
    """
    import requests

    with _as_os_error(uri):
        answer = requests.head(uri, headers=_HEADERS, timeout=TIMEOUT_SECONDS, allow_redirects=True)
        _require_found(answer, uri)
        size = answer.headers.get("Content-Length", "")
        if not size.isdigit():
            raise OSError(f"{uri}: the server does not tell the size of this file; download it, and name the copy")
        return int(size), answer.headers.get("Last-Modified") or answer.headers.get("ETag", "")


def web_range(uri: str, offset: int, size: int) -> bytes:
    """At most `size` bytes at `offset` of a file; fewer only at its end.

    Raises UserError if the server sends only whole files, since each worker reads a part; FileNotFoundError or another OSError if the file
    cannot be read.
    """
    import requests

    def once() -> bytes:
        with _as_os_error(uri):
            headers = {**_HEADERS, "Range": f"bytes={offset}-{offset + size - 1}"}
            with requests.get(uri, headers=headers, timeout=TIMEOUT_SECONDS, stream=True) as answer:
                if answer.status_code == 416:  # behind the end
                    return b""
                _require_found(answer, uri)
                if answer.status_code != 206:
                    raise UserError(f"{uri}: the server sends no parts of files; download it, and name the copy")
                return whole_range(answer.content, answer.headers.get("Content-Range", ""))

    return retried(once, what=uri)


@contextlib.contextmanager
def _as_os_error(uri: str) -> Iterator[None]:
    import requests
    import urllib3

    try:
        yield
    except (ValueError, requests.RequestException, urllib3.exceptions.HTTPError) as error:
        raise OSError(f"{uri}: {_reason(error)}") from error


def _require_found(answer: Any, uri: str) -> None:
    if answer.status_code in (404, 410):
        raise FileNotFoundError(f"{uri} does not exist (HTTP {answer.status_code})")
    if answer.status_code >= 400:
        raise OSError(f"{uri}: HTTP {answer.status_code} {answer.reason}")
