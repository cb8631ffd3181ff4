import numpy as np
import pytest

from beam_jobs.errors import UserError
from trainer.run.init_identity import init_difference, weights_digest

WEIGHTS = {"a": np.arange(6, dtype=np.float32).reshape(2, 3), "b": np.zeros(1, np.float32)}


def refuse():
    raise UserError("gone")


def never():
    raise AssertionError("must not be read")


@pytest.mark.parametrize(
    "other",
    [
        {**WEIGHTS, "a": WEIGHTS["a"] + np.float32(1e-6)},
        {**WEIGHTS, "a": WEIGHTS["a"].reshape(3, 2)},
        {**WEIGHTS, "a": WEIGHTS["a"].astype(np.float64)},
        {**WEIGHTS, "c": WEIGHTS["b"]},
        {"c": WEIGHTS["a"], "b": WEIGHTS["b"]},
    ],
    ids=["value", "shape", "dtype", "one more", "name"],
)
def test_the_digest_is_of_names_shapes_and_values(other):
    assert weights_digest(other) != weights_digest(WEIGHTS)
    copy = {name: np.asfortranarray(value) for name, value in reversed(WEIGHTS.items())}
    assert weights_digest(copy) == weights_digest(WEIGHTS)


BEGUN = {"init": "x", "init_weights": weights_digest(WEIGHTS)}


@pytest.mark.parametrize(
    ("found", "wanted", "is_run", "read", "difference"),
    [
        ({"init": ""}, "", False, never, ""),
        ({}, "x", False, never, "init is '' there and 'x' in this plan"),
        (BEGUN, "", False, never, "init is 'x' there and '' in this plan"),
        (BEGUN, "x", False, lambda: WEIGHTS, ""),
        (BEGUN, "y", False, lambda: WEIGHTS, ""),
        (BEGUN, "x", False, lambda: {}, "init is 'x' there and holds other weights now"),
        (BEGUN, "y", False, lambda: {}, "init is 'x' there and is 'y', with other weights, in this plan"),
        (BEGUN, "x", False, refuse, ""),
        (BEGUN, "y", False, refuse, "init is 'x' there and 'y', which cannot be read, in this plan"),
        (BEGUN, "x", True, never, ""),  # a run that has been trained on since
        (BEGUN, "y", True, lambda: WEIGHTS, ""),
        ({"init": "x"}, "x", False, never, ""),  # begun by an earlier version
        ({"init": "x"}, "y", False, never, "init is 'x' there and 'y' in this plan"),
    ],
)
def test_what_a_run_began_with(found, wanted, is_run, read, difference):
    assert init_difference(found, wanted, is_run, read) == difference
