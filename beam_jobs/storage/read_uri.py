"""Small files from wherever they lie: a local path, `file:`, `http(s):`, `gs:` or `s3:`.

Vocabularies and model classes are read through this one door, so that a job on a cluster can name them by URI. It is for
files that fit in memory; the corpus itself goes through `beam_jobs.storage.files`.
"""

import http.client
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from beam_jobs.errors import UserError
from beam_jobs.storage.user_path import expand_user

TIMEOUT_SECONDS = 20.0  # to connect and between two packets


def has_scheme(uri: str) -> bool:
    """Whether `uri` is a URI rather than a local path; `C:\\vocab.txt` is a path."""
    return "://" in uri or uri.startswith("file:")


def read_uri(uri: str, timeout: float = TIMEOUT_SECONDS) -> bytes:
    """The bytes of a small file.

    Raises FileNotFoundError where there is none, and OSError with a readable message when it cannot be reached; UserError
    for a scheme that no reader is installed for.
    """
    if "\0" in uri:
        raise UserError(f"{uri!r} holds a zero byte, which no name of a file does")
    scheme = urllib.parse.urlsplit(uri).scheme if has_scheme(uri) else ""
    if not scheme:
        return expand_user(uri).read_bytes()
    if scheme == "file":
        return Path(urllib.request.url2pathname(urllib.parse.urlsplit(uri).path)).read_bytes()
    if scheme in ("http", "https"):
        return _read_http(uri, timeout)
    return _read_object(uri, scheme)


def _read_http(uri: str, timeout: float) -> bytes:
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


def _read_object(uri: str, scheme: str) -> bytes:
    extra = {"gs": "gcp", "s3": "aws"}.get(scheme)
    if extra is None:
        raise UserError(f"{uri}: unknown kind of address {scheme}://; use a path, file://, https://, gs:// or s3://")
    import smart_open  # only here: it is slow to import, and most vocabularies are local

    try:
        with smart_open.open(uri, "rb", compression="disable") as file:
            return file.read()
    except (ImportError, NotImplementedError) as error:
        raise UserError(f"{uri}: reading {scheme}:// needs an extra: pip install 'beambert[{extra}]'") from error
    except OSError:
        raise
    except Exception as error:  # the cloud clients raise classes of their own for missing objects and rights
        text = " ".join(str(error).split())
        if type(error).__name__ in ("NotFound", "NoSuchKey", "NoSuchBucket") or "404" in text or "NoSuch" in text:
            raise FileNotFoundError(f"{uri} does not exist: {text}") from error
        raise OSError(f"{type(error).__name__}: {text}") from error
