"""Which split a document belongs to: by the folder it lies in, else by a hash of its id."""

import hashlib

from beam_jobs.records import SPLITS

_FOLDER_SPLITS = frozenset(SPLITS) - {"default"}
_HASH_BYTES = 8


def folder_split(name: str) -> str:
    """The split that the nearest folder in an input's name gives: train, dev or test; empty without such a folder."""
    folders = name.split("/")[:-1]
    return next((folder for folder in reversed(folders) if folder in _FOLDER_SPLITS), "")


def hashed_split(document_id: str, dev_fraction: float, test_fraction: float) -> str:
    """The split of a document by BLAKE2 of its id: the same wherever it stands in the corpus, and as it grows.

    With both fractions 0 everything is `default`, else what is neither dev nor test is `train`. A larger fraction keeps
    the documents that a smaller one held out: dev is taken from the low end of the hashes, test from the high end.
    """
    if not dev_fraction and not test_fraction:
        return "default"
    digest = hashlib.blake2b(document_id.encode("utf-8", "surrogatepass"), digest_size=_HASH_BYTES).digest()
    position = int.from_bytes(digest, "big") / 2 ** (8 * _HASH_BYTES)
    if position < dev_fraction:
        return "dev"
    return "test" if position >= 1 - test_fraction else "train"
