"""Digests of the content of a checkpoint, so that a flipped bit is noticed when the checkpoint is read.

The digest of an array is the CRC-32C of its dtype, its shape and its bytes in C order. It depends only on the values,
not on the number of devices or hosts that wrote or read the array.
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
    """What has changed since `digests` were taken, in words; empty if nothing has."""
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
