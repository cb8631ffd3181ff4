"""Reads single files from http:// and https://, such as published vocabularies, with smart_open."""

import http.client
from typing import Any

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
