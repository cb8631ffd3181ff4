"""Reads a sample of text for checking a vocabulary: plain files and JSON lines, perhaps gzipped."""

import io
import json
from collections.abc import Iterator
from typing import BinaryIO

from beam_jobs.errors import UserError
from beam_jobs.storage.decompress import DamagedFileError, misnamed, open_decompressed
from beam_jobs.storage.paths import require_local

_HEAD_BYTES = 1 << 16


def read_sample(path: str, text_field: str) -> Iterator[str]:
    """The text of a local .txt or .jsonl file, each perhaps .gz, line by line.

    Raises UserError, naming the file, if it cannot be read, is truncated or holds binary data, or if a JSON line has no
    text in its field `text_field`.
    """
    file_path = require_local(path, "a sample of text must be on a local disk; name a file there with --text")
    try:
        raw: BinaryIO = file_path.open("rb")
        with open_decompressed(raw, path) if file_path.suffix.lower() == ".gz" else raw as stream:
            file = io.BufferedReader(stream, _HEAD_BYTES)  # type: ignore[type-var]
            head = file.peek(_HEAD_BYTES)[:_HEAD_BYTES]
            if really := misnamed(stream):
                raise UserError(f"--text {path}: cannot read it: it holds {really}, not what its name says")
            if b"\0" in head:
                raise UserError(f"--text {path}: holds binary data, not text; name .txt or .jsonl, plain or .gz")
            for number, line in enumerate(file, 1):
                text = line.decode("utf-8", "ignore")
                if ".jsonl" in map(str.lower, file_path.suffixes) and text.strip():
                    yield _text_in_json(text, text_field, f"--text {path}: line {number}")
                else:
                    yield text
    except DamagedFileError as error:
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
