"""Reads the vocabulary of a model from whichever of its files is there, as the bytes that `parse_vocabulary` takes."""

import json
import os
import posixpath
from pathlib import Path
from typing import Any

from beam_jobs.errors import UserError
from beam_jobs.storage.paths import has_scheme, local_path
from beam_jobs.storage.whole_files import read_if_there, read_whole
from vocab.special_pieces import ROBERTA_NAMES

TOKENIZER_NAME = "tokenizer.json"
FILE_NAMES = ("vocab.txt", TOKENIZER_NAME, "spiece.model", "vocab.json")
"""The files that may hold the vocabulary of a model folder; the first one that is there counts."""


def vocabulary_path(folder: Path) -> Path:
    """The file that holds the vocabulary of a local model folder. Raises UserError if there is none."""
    found = next((folder / name for name in FILE_NAMES if os.path.isfile(folder / name)), None)  # noqa: PTH113 (this one is False for a name that is too long)
    if found is None:
        raise UserError(
            f"{folder}: cannot read the vocabulary: the folder holds none of {', '.join(FILE_NAMES)}; name the file that the model was trained with"
        )
    return found


def read_vocabulary(name: str) -> bytes:
    """The bytes of a vocab.txt or a tokenizer.json, at a path or a URI.

    A vocab.json with the merges.txt beside it (byte-level BPE as GPT-2 and RoBERTa publish it) and a SentencePiece model
    (`.model`) are turned into a tokenizer.json. A local folder is read like the first of `FILE_NAMES` in it. Raises UserError
    for what cannot be read.
    """
    if not has_scheme(name) and os.path.isdir(local_path(name)):  # noqa: PTH112 (this one is False for a name that is too long)
        name = str(vocabulary_path(local_path(name)))
    data = _read(name, "name a vocab.txt with one piece a line, or a tokenizer.json")
    if name.endswith(".model"):
        from vocab.sentencepiece_model import unigram_tokenizer  # here, because it loads the library tokenizers

        return unigram_tokenizer(data, name, _config_beside(name))
    if posixpath.basename(name) == "merges.txt":
        raise UserError(f"{name}: is only half of a vocabulary; name the vocab.json beside it")
    if posixpath.basename(name) == "vocab.json":
        merges = _beside(name, "merges.txt")
        return _byte_level_tokenizer(data, name, _read(merges, "vocab.json needs it"), merges, _config_beside(name))
    return data


def _byte_level_tokenizer(vocab: bytes, name: str, merges: bytes, merges_name: str, config: dict[str, Any]) -> bytes:
    """A tokenizer.json from the two files of a byte-level BPE."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors

    try:
        ids = json.loads(vocab)
        lines = merges.decode("utf-8").split("\n")
        merged = [line.split(" ") for line in lines if line.strip() and not line.startswith("#version")]
        tokenizer = Tokenizer(models.BPE(ids, [(left, right) for left, right in merged]))
    except Exception as error:  # the library has no exception class of its own
        raise UserError(f"{name}: is no vocabulary for {merges_name} ({error}); fetch both again") from error
    spaced = config.get("add_prefix_space") is True
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=spaced)
    tokenizer.decoder = decoders.ByteLevel()
    names = ROBERTA_NAMES
    missing = [piece for piece in names if piece not in ids]
    if missing:
        raise UserError(f"{name}: special pieces are missing: {', '.join(missing)}; is this a RoBERTa's vocab.json?")
    tokenizer.add_special_tokens(
        [AddedToken(piece, special=True, normalized=False, lstrip=piece == names.mask) for piece in names]
    )
    tokenizer.post_processor = processors.RobertaProcessing(
        (names.sep, ids[names.sep]), (names.cls, ids[names.cls]), add_prefix_space=spaced
    )
    return tokenizer.to_str().encode()


def _config_beside(name: str) -> dict[str, Any]:
    path = _beside(name, "tokenizer_config.json")
    data = read_if_there(path)
    try:
        content = {} if data is None else json.loads(data)
    except (ValueError, RecursionError) as error:
        raise UserError(f"{path}: cannot be read ({error}); mend or remove it") from error
    return content if isinstance(content, dict) else {}


def _beside(name: str, other: str) -> str:
    return posixpath.join(posixpath.dirname(name), other) if has_scheme(name) else str(local_path(name).parent / other)


def _read(name: str, remedy: str) -> bytes:
    try:
        return read_whole(name)
    except FileNotFoundError as error:
        raise UserError(f"{name}: no such vocabulary file; {remedy}") from error
    except OSError as error:
        raise UserError(f"{name}: cannot read the vocabulary: {error.strerror or error}") from error
