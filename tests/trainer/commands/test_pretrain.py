import argparse

import pytest

from beam_jobs.errors import UserError
from trainer.commands import pretrain as command
from trainer.devices import kept_memory
from trainer.training import pretrain
from trainer.training.loop_state import StopRequestedError

pytestmark = pytest.mark.usefixtures("paths_are_there")


@pytest.fixture
def run(monkeypatch):
    """The launch that the command line asks for; a signal may stop it."""

    def launch_of(*arguments, signal=0, data=("a",)):
        launches, kept = [], []

        def fake(launch):
            assert kept, "memory is kept before anything is computed"
            launches.append(launch)
            if signal:
                raise StopRequestedError(signal)

        monkeypatch.setattr(pretrain, "pretrain", fake)
        monkeypatch.setattr(kept_memory, "keep_freed_memory", lambda: kept.append(True))
        parser = argparse.ArgumentParser()
        command.add_arguments(parser)
        given = ["--plan", "demo", "--output", "out", *(["--data", *data] if data else []), *arguments]
        status = command.run(parser.parse_args(given))
        return launches[0], status

    return launch_of


def test_what_a_launch_decides(run):
    launch, status = run("--max_steps", "5", "--accumulation", "2", "--profile_steps", "10-15", data=("a", "b"))
    assert (launch.data, launch.output, launch.max_steps, launch.accumulation) == (("a", "b"), "out", 5, 2)
    assert (launch.profile_steps, launch.tensorboard, status) == (range(10, 15), True, 0)
    assert run("--no-tensorboard")[0].tensorboard is False
    assert run()[0].profile_steps == range(0)


def test_a_run_that_was_stopped_says_by_which_signal(run):
    assert run(signal=15)[1] == 143


@pytest.mark.parametrize("steps", ["9", "9-", "-9", "9-9", "10-9", "a-b", "1-2-3", "1-9999999999"])
def test_steps_to_trace_are_a_range(run, steps):
    with pytest.raises(UserError, match=r"--profile_steps .* must be like 10-15"):
        run(f"--profile_steps={steps}")


@pytest.mark.parametrize("flag", ["--max_steps=-1", "--accumulation=-1"])
def test_numbers_are_not_negative(run, flag):
    with pytest.raises(UserError, match="--max_steps and --accumulation must not be negative"):
        run(flag)


def test_data_is_asked_for(run):
    with pytest.raises(UserError, match="--data is missing"):
        run(data=())
