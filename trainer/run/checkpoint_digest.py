"""Digests of what a checkpoint holds, so that a bit that flips on a disk or on the way is noticed when it is read back.

The digest is CRC-32C of an array's dtype, shape and bytes in C order: of the values alone, so it does not depend on how
many devices or hosts wrote the array or read it.
"""

import json
from collections.abc import Mapping
from typing import Any

import google_crc32c
import jax
import numpy as np


def digests_of(state: Any, record: Mapping[str, Any]) -> dict[str, Any]:
    """The digest of every array in dictionaries of host arrays, by its path in them, and of a JSON record."""
    leaves = jax.tree_util.tree_leaves_with_path(state)
    arrays = {" ".join(str(key.key) for key in path): array_digest(value) for path, value in leaves}
    return {"arrays": arrays, "record": _text_digest(record)}


def what_differs(state: Any, record: Mapping[str, Any], digests: Mapping[str, Any]) -> str:
    """What is not as it was when `digests` were taken, for people; empty when everything is."""
    found = digests_of(state, record)
    for path in sorted(found["arrays"].keys() | digests["arrays"].keys()):
        if found["arrays"].get(path) != digests["arrays"].get(path):
            return f"{path} is not what was saved"
    return "" if found["record"] == digests["record"] else "its record is not what was saved"


def array_digest(value: np.ndarray) -> str:
    """The digest of one array, 8 hexadecimal digits."""
    value = np.ascontiguousarray(value).reshape(np.shape(value))
    head = google_crc32c.value(f"{value.dtype.str}{value.shape}".encode())
    return f"{google_crc32c.extend(head, value.reshape(-1).view(np.uint8)):08x}"


def _text_digest(record: Mapping[str, Any]) -> str:
    return f"{google_crc32c.value(json.dumps(record, sort_keys=True).encode()):08x}"
