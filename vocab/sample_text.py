"""A sample of text to check a vocabulary with: plain files and JSON lines, perhaps gzipped, without any other package."""

import gzip
import json
import zlib
from collections.abc import Iterator

from beam_jobs.errors import UserError
from beam_jobs.storage.user_path import expand_user

_HEAD_BYTES = 1 << 16


def read_sample(path: str, text_field: str) -> Iterator[str]:
    """The text of a local .txt or .jsonl file, each perhaps .gz, line by line.

    Raises UserError, naming the file, where it cannot be read, is truncated, holds binary data, or a JSON line has no
    text in its field `text_field`.
    """
    file_path = expand_user(path)
    try:
        with gzip.open(file_path, "rb") if file_path.suffix.lower() == ".gz" else file_path.open("rb") as file:
            if b"\0" in file.peek(_HEAD_BYTES)[:_HEAD_BYTES]:
                raise UserError(f"--text {path}: holds binary data, not text; name .txt or .jsonl, plain or .gz")
            for number, line in enumerate(file, 1):
                text = line.decode("utf-8", "ignore")
                if ".jsonl" in map(str.lower, file_path.suffixes) and text.strip():
                    yield _text_in_json(text, text_field, f"--text {path}: line {number}")
                else:
                    yield text
    except (EOFError, zlib.error) as error:
        raise UserError(f"--text {path}: the compressed file is truncated or corrupt") from error
    except OSError as error:
        raise UserError(f"--text {path}: cannot read it: {error.strerror or error}") from error


def _text_in_json(line: str, text_field: str, where: str) -> str:
    try:
        text = json.loads(line)[text_field]
    except (ValueError, KeyError, TypeError, RecursionError):
        text = None
    if not isinstance(text, str):
        raise UserError(f"{where} is no JSON object with a text {text_field!r}; name the field with --text_field")
    return text
