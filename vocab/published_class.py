"""The model class of a model folder as Hugging Face and Google publish them: config, vocabulary, perhaps a tokenizer config."""

import json
import os
import posixpath
from pathlib import Path
from typing import Any

from beam_jobs.errors import UserError
from beam_jobs.storage.paths import has_scheme, local_path
from beam_jobs.storage.whole_files import read_if_there, read_whole
from vocab.network_keys import misspelt_keys
from vocab.padding import is_padded
from vocab.vocabulary import Vocabulary, load_vocabulary, split_pieces
from vocab.vocabulary_file import FILE_NAMES


def published_class(config: dict[str, Any], source: str) -> dict[str, Any]:
    """The fields of the class in a model folder.

    Args:
        config: the content of its config file.
        source: the path or URI of that file.

    Raises UserError if the folder does not tell the meaning of piece ids, or if text would become other pieces here.
    """
    for key, meant in misspelt_keys(config).items():
        raise UserError(f"{source}: unknown key {key}; did you mean {meant}?")
    subwords = _subwords_beside(source)
    if subwords:
        return _of_subwords(config, source, *subwords)
    try:
        tokenizer = read_object(beside(source, "tokenizer_config.json"))
    except (UserError, FileNotFoundError):
        tokenizer = {}
    lower_case = tokenizer.get("do_lower_case")
    if not isinstance(lower_case, bool):
        raise UserError(
            f"{source}: cannot tell whether the model lower-cases; "
            "put a tokenizer_config.json with do_lower_case true or false beside it"
        )
    for key, value in (("strip_accents", lower_case), ("tokenize_chinese_chars", True)):
        found = tokenizer.get(key)
        if found not in (None, value):
            raise UserError(
                f"{source}: the tokenizer_config.json beside it says {key} is {found!r}, but text becomes pieces here with "
                f"{value!r}: the records would have other ids than the model; take another model, or remove the key to accept "
                "that"
            )
    return {
        "name": _folder_name(source),
        "lower_case": lower_case,
        "vocab_size": _pieces_beside(source, _rows(config, source)),
        "vocab_uri": "vocab.txt",
        "config": config,
    }


def _of_subwords(config: dict[str, Any], source: str, name: str, vocabulary: Vocabulary) -> dict[str, Any]:
    """The class of a model folder whose vocabulary is in the file `name`. Its tokenizer knows whether it lower-cases."""
    rows, pieces = _rows(config, source), len(vocabulary)
    return {
        "name": _folder_name(source),
        "lower_case": vocabulary.lower_case,
        "vocab_size": pieces if is_padded(pieces, rows) else rows,
        "vocab_uri": name,
        "config": config,
    }


def _subwords_beside(source: str) -> tuple[str, Vocabulary] | None:
    """The first file of a vocabulary of subwords beside a config, if there is no vocab.txt."""
    if has_scheme(source):
        if read_if_there(beside(source, FILE_NAMES[0])) is not None:
            return None
        found = next((name for name in FILE_NAMES[1:] if read_if_there(beside(source, name)) is not None), None)
    else:
        folder = local_path(source).parent
        found = next((name for name in FILE_NAMES if os.path.isfile(folder / name)), None)  # noqa: PTH113 (this one is False for a name that is too long)
    return None if found in (None, FILE_NAMES[0]) else (found, load_vocabulary(beside(source, found)))


def _folder_name(source: str) -> str:
    return posixpath.basename(posixpath.dirname(source.replace("\\", "/"))) or "custom"


def _rows(config: dict[str, Any], source: str) -> int:
    rows = config.get("vocab_size")
    if not isinstance(rows, int):
        raise UserError(f"{source}: vocab_size is {rows!r} and must be a whole number")
    return rows


def _pieces_beside(source: str, rows: int) -> int:
    """How many pieces the vocab.txt beside a config has, where `rows` is that number padded; else `rows`."""
    path = beside(source, "vocab.txt")
    try:
        pieces = len(split_pieces(read_whole(path), path))
    except (OSError, UserError):  # reported when the vocabulary is fetched
        return rows
    return pieces if is_padded(pieces, rows) else rows


def beside(source: str, uri: str) -> str:
    """The path or URI of a file, a relative one from the folder of `source`."""
    if has_scheme(uri) or Path(uri).is_absolute():
        return uri
    if has_scheme(source):
        return posixpath.join(posixpath.dirname(source), uri)
    return str(local_path(source).parent / uri)


def read_object(source: str) -> dict[str, Any]:
    """The JSON object in a file. Raises FileNotFoundError, or UserError for what is none."""
    try:
        content = json.loads(read_whole(source).decode("utf-8"))
    except FileNotFoundError:
        raise
    except OSError as error:
        raise UserError(f"{source}: cannot read the model class: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise UserError(f"{source}: not valid JSON: {error}") from error
    if not isinstance(content, dict):
        raise UserError(f"{source}: the model class must be a JSON object")
    return content
