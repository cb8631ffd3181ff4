import math

import pytest

from trainer.guard import SETTLED, GuardError, Watch
from trainer.plan_settings import Guard


def fed(losses, **settings):
    watch = Watch(Guard(**settings))
    for step, loss in enumerate(losses, start=1):
        watch.check(step, {"loss": loss, "gradient_norm": 1.0})
    return watch


def test_a_falling_noisy_loss_is_fine():
    fed([10 * 0.99**step + 0.5 * math.sin(step) for step in range(400)])


def test_a_leap_is_a_spike_once_the_mean_has_settled():
    fed([5.0] * (SETTLED - 1) + [11.0])
    with pytest.raises(GuardError, match="above 2 times its running mean") as fault:
        fed([5.0] * SETTLED + [10.5])
    assert (fault.value.step, fault.value.action) == (SETTLED + 1, "rollback")
    fed([5.0] * SETTLED + [10.5], on_spike="ignore")


@pytest.mark.parametrize("name", ["loss", "gradient_norm"])
@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_what_is_not_finite_is_a_fault_at_once(name, value):
    with pytest.raises(GuardError) as fault:
        Watch(Guard(on_nonfinite="stop")).check(3, {"loss": 1.0, "gradient_norm": 1.0, name: value})
    assert (fault.value.step, fault.value.action) == (3, "stop")
