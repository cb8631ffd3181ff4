import math

import pytest

from trainer.plans.settings import Guard
from trainer.training.loss_guard import SETTLED, GuardError, LossGuard


def fed(losses, **settings):
    watch = LossGuard(Guard(**settings))
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


def test_the_running_mean_is_the_plain_mean_until_it_forgets():
    losses = [8.0, 4.0, 6.0, 2.0]
    for count in range(1, 5):
        assert fed(losses[:count]).mean == pytest.approx(sum(losses[:count]) / count, rel=1e-12)
    settled = [10.0 - step / 25 for step in range(SETTLED)]
    assert fed(settled).mean == pytest.approx(sum(settled) / SETTLED, rel=1e-12)
    assert fed([*settled, 2.0]).mean == pytest.approx(0.98 * sum(settled) / SETTLED + 0.02 * 2.0, rel=1e-12)
    watch = fed(settled)
    watch.forget()
    watch.check(99, {"loss": 3.0, "gradient_norm": 1.0})
    assert watch.mean == 3.0, "a phase begins with its own first loss"


def test_a_leap_is_measured_from_the_running_mean():
    losses = [12.0] * 10 + [4.0] * (SETTLED - 10)
    mean = (12.0 * 10 + 4.0 * (SETTLED - 10)) / SETTLED
    fed([*losses, 2 * mean - 1e-6])
    with pytest.raises(GuardError, match=r"above 2 times its running mean 5\.600"):
        fed([*losses, 2 * mean + 1e-6])


@pytest.mark.parametrize("name", ["loss", "gradient_norm"])
@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_what_is_not_finite_is_a_fault_at_once(name, value):
    with pytest.raises(GuardError) as fault:
        LossGuard(Guard(on_nonfinite="stop")).check(3, {"loss": 1.0, "gradient_norm": 1.0, name: value})
    assert (fault.value.step, fault.value.action) == (3, "stop")
