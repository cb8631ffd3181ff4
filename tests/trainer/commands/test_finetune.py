import pytest

from beam_jobs.console.command_parser import CommandParser
from beam_jobs.errors import UserError
from trainer.commands import finetune as command
from trainer.finetuning import runs
from trainer.finetuning.settings import FinetuneSettings, TaskSettings
from trainer.training.loop_state import StopRequestedError

pytestmark = pytest.mark.usefixtures("paths_are_there")

NEEDED = ["--task", "classify", "--model", "base", "--train", "a.jsonl", "--dev", "b.jsonl", "--output", "out"]


@pytest.fixture
def run(monkeypatch):
    """The settings that the command line asks for; a signal may stop it."""

    def settings_of(*arguments, signal=0):
        found = []

        def fake(settings):
            found.append(settings)
            if signal:
                raise StopRequestedError(signal)

        monkeypatch.setattr(runs, "finetune", fake)
        parser = CommandParser()
        command.add_arguments(parser)
        status = command.run(parser.parse_args([*NEEDED, *arguments]))
        return found[0], status

    return settings_of


def test_the_defaults_are_those_of_the_settings(run):
    settings, status = run()
    assert settings == FinetuneSettings(TaskSettings("classify"), "base", ("a.jsonl",), "b.jsonl", "out")
    assert status == 0


def test_options_reach_the_settings(run):
    settings, _ = run(
        *(
            "--learning_rate",
            "5e-5",
            "2e-5",
            "--seeds",
            "5",
            "--labels",
            "b",
            "a b",
            "--several_labels",
            "--keep",
            "last",
        ),
        *(
            "--max_seq_length",
            "64",
            "--text_column",
            "tekst",
            "--patience",
            "2",
            "--metric",
            "accuracy",
            "--lower_case",
        ),
    )
    assert (settings.learning_rate, settings.seeds, settings.labels) == ((5e-5, 2e-5), 5, ("b", "a b"))
    assert (settings.task.several_labels, settings.task.max_seq_length, settings.keep) == (True, 64, "last")
    assert (settings.columns.text_column, settings.patience, settings.metric) == ("tekst", 2, "accuracy")
    assert settings.lower_case is True


def test_a_run_that_was_stopped_says_by_which_signal(run):
    assert run(signal=2)[1] == 130


def test_a_task_that_there_is_not_is_named_with_those_that_there_are(run):
    with pytest.raises(UserError, match="'sort' is not one of classify, pairs, regress, tag, answer"):
        run("--task", "sort")
