import pytest

from beam_jobs.console.command_parser import CommandParser
from beam_jobs.errors import UserError
from trainer.commands import distill as command
from trainer.devices import kept_memory
from trainer.distillation import distill
from trainer.plans.distillation import Distillation
from trainer.plans.reading import read_plan
from trainer.training.loop_state import StopRequestedError

pytestmark = pytest.mark.usefixtures("paths_are_there")


@pytest.fixture
def run(monkeypatch):
    """The launch, and the rest, that the command line asks for; a signal may stop it."""

    def asked(*arguments, signal=0, data=("a",), plan="distilbert"):
        found = []

        def fake(launch, teacher, **more):
            found.append((launch, teacher, more))
            if signal:
                raise StopRequestedError(signal)

        monkeypatch.setattr(distill, "distill", fake)
        monkeypatch.setattr(kept_memory, "keep_freed_memory", lambda: None)
        parser = CommandParser()
        command.add_arguments(parser)
        given = ["--teacher", "t", "--plan", plan, "--output", "out", *(["--data", *data] if data else []), *arguments]
        status = command.run(parser.parse_args(given))
        return *found[0], status

    return asked


def test_the_plan_decides_unless_an_option_does(run):
    launch, teacher, more, status = run()
    assert (launch.plan, launch.data, launch.output, teacher) == (read_plan("distilbert"), ("a",), "out", "t")
    assert (more, status) == ({"dev": "", "text_column": ""}, 0)
    launch, *_ = run("--layers", "3", "--seed", "7", "--max_steps", "5", "--accumulation", "2", "--no-tensorboard")
    assert launch.plan.distillation == Distillation(layers=3)
    assert (launch.plan.seed, launch.max_steps, launch.accumulation, launch.tensorboard) == (7, 5, 2, False)
    assert run("--from_layers", "0", "5")[0].plan.distillation.from_layers == (0, 5)
    assert run("--random_start")[0].plan.distillation.start == "random"
    assert not run("--hidden_states_only")[0].plan.distillation.predicts
    assert run("--dev", "d.txt", "--text_column", "body")[2] == {"dev": "d.txt", "text_column": "body"}


def test_a_plan_without_the_table_is_left_to_the_function_that_refuses_it(run):
    assert run("--layers", "3", plan="demo")[0].plan.distillation is None


def test_a_run_that_was_stopped_says_by_which_signal(run):
    assert run(signal=15)[-1] == 143


def test_mistakes(run):
    with pytest.raises(UserError, match="--data is missing"):
        run(data=())
    with pytest.raises(UserError, match="must not be negative"):
        run("--max_steps", "-1")
    with pytest.raises(UserError, match=r"distillation.layers is 2, but from_layers names 3"):
        run("--layers", "2", "--from_layers", "0", "1", "2")
    with pytest.raises(UserError, match=r"distillation.from_layers is \[3, 1\]"):
        run("--from_layers", "3", "1")
