"""Reads single files from http:// and https://, such as published vocabularies."""

import http.client
import urllib.error
import urllib.request

TIMEOUT_SECONDS = 20.0  # to connect, and between two packets


def read_web(uri: str, timeout: float = TIMEOUT_SECONDS) -> bytes:
    """The bytes of a file. Raises FileNotFoundError if there is none, and OSError if it cannot be reached."""
    request = urllib.request.Request(uri, headers={"User-Agent": "beambert"})
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return answer.read()
    except urllib.error.HTTPError as error:
        if error.code == 404:
            raise FileNotFoundError(f"{uri} does not exist (HTTP 404)") from error
        raise OSError(f"HTTP {error.code} {error.reason}") from error
    except urllib.error.URLError as error:
        raise OSError(str(error.reason)) from error
    except http.client.IncompleteRead as error:
        raise OSError(f"the connection broke after {len(error.partial)} bytes") from error
    except http.client.HTTPException as error:
        raise OSError(f"no HTTP answer: {error}") from error
