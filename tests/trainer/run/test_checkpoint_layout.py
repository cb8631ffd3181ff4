import numpy as np
import pytest

from beam_jobs.errors import UserError
from trainer.run.checkpoint_layout import in_present_layout, require_same_network

KERNEL = {"bert/pooler/kernel": np.ones((2, 2), np.float32)}
OLD = {
    "weights": KERNEL,
    "other": {"dropout_seed": np.zeros(2, np.uint32)},
    "step": np.array(3, np.int32),
    "first_moment": KERNEL,
    "second_moment": KERNEL,
    "moment_updates": np.array(3, np.int32),
}
NEW = {
    "weights": OLD["weights"],
    "other": OLD["other"],
    "step": OLD["step"],
    "optimizer": {name: OLD[name] for name in ("first_moment", "second_moment", "moment_updates")},
}


def test_moments_beside_the_weights_are_the_optimizers_state():
    found = in_present_layout(OLD)
    assert sorted(found) == sorted(NEW)
    assert found["optimizer"] == NEW["optimizer"]
    assert found["weights"] is OLD["weights"]


def test_the_present_layout_stays_as_it_is():
    assert in_present_layout(NEW) is NEW
    assert in_present_layout({"w": KERNEL}) == {"w": KERNEL}


def test_other_shapes_are_of_another_network():
    require_same_network(NEW, in_present_layout(OLD), "run/3")
    wider = {**NEW, "weights": {"bert/pooler/kernel": np.ones((2, 3), np.float32)}}
    with pytest.raises(UserError, match=r"run/3: is of another network \(at \['weights'\]\['bert/pooler/kernel'\]\)"):
        require_same_network(NEW, wider, "run/3")
    with pytest.raises(UserError, match=r"run/3: is of another network \(has \['more'\]\)"):
        require_same_network({**NEW, "more": np.zeros(1)}, NEW, "run/3")
