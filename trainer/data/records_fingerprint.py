"""Identifies records without a manifest by their content, independent of the name and place of their folder."""

import hashlib
from concurrent.futures import ThreadPoolExecutor

from beam_jobs import storage
from trainer.data.split import split_prefix, split_shards

_HEAD = 1 << 12  # bytes of each shard that are hashed
_AT_ONCE = 16  # an object store answers slowly, but many at a time


def records_fingerprint(folder: str, split: str) -> str:
    """A hash of the shards of a split: of their names, sizes and first bytes, in the order in which they are read.

    Raises UserError when a shard cannot be read.
    """
    sizes = dict(storage.list_files(folder))
    names, prefix = split_shards(split, sizes), split_prefix(split, sizes)

    def describe(name: str) -> str:
        head = hashlib.sha256(storage.read_head(storage.join(folder, name), _HEAD)).hexdigest()
        return f"{name.removeprefix(prefix)} {sizes[name]} {head}\n"

    with ThreadPoolExecutor(_AT_ONCE) as threads:
        lines = list(threads.map(describe, names))
    return f"records {hashlib.sha256(''.join(lines).encode()).hexdigest()[:32]} ({len(names)} shards)"
