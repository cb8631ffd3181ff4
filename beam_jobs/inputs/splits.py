"""The split of a document: given by the folder or file it lies in, or else by a hash of its id."""

import hashlib
import logging
import re
from collections.abc import Sequence

from beam_jobs.inputs.name_list import count_files, first_names
from beam_jobs.storage.decompress import compression_ending

TRAIN, DEV, TEST = "train", "dev", "test"
_HELD_OUT = {
    **dict.fromkeys(("dev", "devel", "development", "validation", "valid", "val", "eval", "evaluation"), DEV),
    **dict.fromkeys(("test", "testing"), TEST),
}
"""Names of held-out splits in public corpora and on the Hugging Face Hub."""

_FILE = re.compile(rf"({TRAIN}|{'|'.join(_HELD_OUT)})([-_.]?\d+([-_]of[-_]\d+(-[0-9a-f]{{4,}})?)?)?")
_LOOKALIKES = {*_HELD_OUT, "tests", "holdout", "heldout", "held"}
_MAX_WORDS = 3  # of a name that looks like a split; titles of texts are longer
_HASH_BYTES = 8
_LOG = logging.getLogger(__name__)


def named_split(folder: str) -> str:
    """The split that a folder's name stands for, or "". `split=dev`, as in partitioned tables, stands for dev."""
    folder = folder.removeprefix("split=")
    return TRAIN if folder == TRAIN else _HELD_OUT.get(folder.lower(), "")


def folder_split(name: str) -> str:
    """The split (train, dev or test) of the nearest folder in an input's name that stands for one, or ""."""
    return next(filter(None, map(named_split, reversed(name.split("/")[:-1]))), "")


def splits_of(names: Sequence[str]) -> list[str]:
    """The split of each file of an input by its name: train, dev or test, or "" if the documents' ids decide.

    Folders come first (`folder_split`). A file named `validation.jsonl` or `test-00000-of-00002.parquet` is held out
    too, and a file named `train` is for training. Names of files do not count if nothing would be left to train on: a
    single `test.txt` is ordinary text.
    """
    splits = [folder_split(name) for name in names]
    of_files = ["" if split else _file_split(name) for name, split in zip(names, splits, strict=True)]
    together = [split or of_file for split, of_file in zip(splits, of_files, strict=True)]
    holds_out = any(split in (DEV, TEST) for split in of_files)
    return together if holds_out and any(split not in (DEV, TEST) for split in together) else splits


def tell_splits(names: Sequence[str], splits: Sequence[str]) -> None:
    """Log which files are held out because of their names, and which are not although their names suggest it.

    Folders named train, dev and test are not mentioned.
    """
    held_out: dict[str, list[str]] = {DEV: [], TEST: []}
    lookalikes = []
    for name, split in zip(names, splits, strict=True):
        if split in held_out and split not in name.split("/")[:-1]:
            held_out[split].append(name)
        elif split in ("", "default") and _looks_held_out(name):
            lookalikes.append(name)
    for split, files in held_out.items():
        if files:
            _LOG.warning("%s held out as split %s, as the names say: %s", count_files(files), split, first_names(files))
    if lookalikes:
        _LOG.warning(
            "%s to train on, though the names look held out: %s; put them in a folder named dev or test, or leave them out",
            count_files(lookalikes),
            first_names(lookalikes),
        )


def hashed_split(document_id: str, dev_fraction: float, test_fraction: float) -> str:
    """The split of a document by a BLAKE2 hash of its id, so that it does not depend on the rest of the corpus.

    If both fractions are 0, every document is in `default`; otherwise a document that is in neither dev nor test is in
    `train`. A larger fraction holds out the documents of a smaller one, and more: dev takes the lowest hashes, test the
    highest.
    """
    if not dev_fraction and not test_fraction:
        return "default"
    digest = hashlib.blake2b(document_id.encode("utf-8", "surrogatepass"), digest_size=_HASH_BYTES).digest()
    position = int.from_bytes(digest, "big") / 2 ** (8 * _HASH_BYTES)
    if position < dev_fraction:
        return DEV
    return TEST if position >= 1 - test_fraction else TRAIN


def _stem(name: str) -> str:
    """The last part of a name in lower case, without the endings of its format and compression."""
    base = name.rpartition("/")[2].lower()
    base = base.removesuffix(compression_ending(base))
    return base.rpartition(".")[0] or base


def _file_split(name: str) -> str:
    match = _FILE.fullmatch(_stem(name))
    return _HELD_OUT.get(match[1], TRAIN) if match else ""


def _looks_held_out(name: str) -> bool:
    for part in (*name.lower().split("/")[:-1], _stem(name)):
        words = re.findall(r"[a-z]+", part)
        if len(words) <= _MAX_WORDS and " " not in part and not _LOOKALIKES.isdisjoint(words):
            return True
    return False
