"""What a run began with, whatever the checkpoint is called and wherever it lies: a digest of its weights.

The digest is taken when the weights are loaded for the first time, and kept in the output folder's `plan.json`. A later
launch whose plan names the same weights continues the run: the checkpoint may have been moved, copied or converted. One
that names other weights is refused, under the same name too.
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
    """How the checkpoint `wanted` that a plan names differs from the one that a run began with; empty when it does not.

    `found` is the run's identity; `read()` gives the weights that the plan names. They are only read where the names
    cannot tell: a run that an earlier version began has no digest, and what is named may itself be a run (`is_run`) that
    has been trained on since. A checkpoint that is gone is no obstacle under the name that it had.
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
