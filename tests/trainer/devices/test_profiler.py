from types import SimpleNamespace

import pytest

from trainer.devices.profiler import Profiler


@pytest.fixture
def traced():
    """What happens over ten updates after a launch at step 100."""

    def run(steps, primary=True, stop_at=None):
        happened = []
        runtime = SimpleNamespace(
            is_primary=primary,
            start_trace=lambda folder: happened.append(("start", folder)),
            stop_trace=lambda: happened.append("stop"),
        )
        profiler = Profiler(steps, 100, "/out", runtime, happened.append)
        for step in range(100, 110):
            happened.append(step)
            profiler.before(step)
        profiler.stop(110)
        return [event for event in happened if not isinstance(event, int)], [
            happened[i - 1] for i, event in enumerate(happened) if event in (("start", "/out/profile"), "stop")
        ]

    return run


def test_the_updates_asked_for_are_traced(traced):
    events, steps = traced(range(2, 5))
    said = "profile up to step 105 in /out/profile, for TensorBoard or XProf"
    assert events == [("start", "/out/profile"), "stop", said]
    assert steps == [102, 105]


def test_a_trace_ends_with_the_run(traced):
    events, _ = traced(range(8, 50))
    assert events == [
        ("start", "/out/profile"),
        "stop",
        "profile up to step 110 in /out/profile, for TensorBoard or XProf",
    ]


@pytest.mark.parametrize(("steps", "primary"), [(range(0), True), (range(2, 5), False)])
def test_nothing_is_traced_unasked_or_by_other_hosts(traced, steps, primary):
    assert traced(steps, primary)[0] == []
