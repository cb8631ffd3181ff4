"""Identifies the checkpoint that a run began with by a digest of its weights, not by its name or place.

The digest is computed when the weights are loaded for the first time, and stored in `plan.json` in the output folder. A
later launch may continue the run if its plan names the same weights, even if the checkpoint was moved, copied or
converted. If the plan names other weights, the launch is refused, even if their name is the same.
"""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from beam_jobs.errors import UserError

INIT, DIGEST = "init", "init_weights"  # keys of an identity: what the plan calls the checkpoint, and what it holds


def weights_digest(weights: Mapping[str, np.ndarray]) -> str:
    """A digest of weights by name: of their names, dtypes, shapes and values, in hex."""
    digest = hashlib.sha256()
    for name, value in sorted(weights.items()):
        digest.update(f"{name} {value.dtype.str} {value.shape}\n".encode())
        digest.update(np.ascontiguousarray(value).reshape(-1).view(np.uint8).data)
    return digest.hexdigest()[:32]


def init_difference(
    found: Mapping[str, Any], wanted: str, is_run: bool, read: Callable[[], Mapping[str, np.ndarray]]
) -> str:
    """How the checkpoint `wanted` of a plan differs from the one that a run began with; empty if it does not.

    `found` is the identity of the run, and `read()` returns the weights that the plan names. They are read only if the
    names cannot decide. A run that an earlier version began has no digest. The checkpoint may itself be a run
    (`is_run`) that was trained further since. A checkpoint that no longer exists is accepted under its old name.
    """
    named = found.get(INIT, "")
    same_name = named == wanted
    if not named or not wanted or DIGEST not in found or (same_name and is_run):
        return "" if same_name else f"init is {named!r} there and {wanted!r} in this plan"
    try:
        digest = weights_digest(read())
    except UserError:
        return "" if same_name else f"init is {named!r} there and {wanted!r}, which cannot be read, in this plan"
    if digest == found[DIGEST]:
        return ""
    other = "holds other weights now" if same_name else f"is {wanted!r}, with other weights, in this plan"
    return f"init is {named!r} there and {other}"
