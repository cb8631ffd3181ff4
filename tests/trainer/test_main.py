"""The exit status and the one line of every way in which a command of the trainer can end."""

import errno
import signal

import pytest

from beam_jobs.errors import UserError
from trainer import __main__ as command


class Call:
    """A command that does this."""

    def __init__(self, does):
        self.run = does


def raises(error):
    def run():
        raise error

    return run


@pytest.fixture
def end(monkeypatch, capsys):
    """(exit status, standard error) of a command that does this."""

    def ended(does, *arguments):
        monkeypatch.setattr(command, "find_call", lambda words, program: Call(does))
        monkeypatch.setattr(command, "_print_no_more", lambda: None)
        monkeypatch.setattr(command, "_log_to_stderr", lambda: None)
        status = command.main(list(arguments or ["pretrain"]))
        return status, capsys.readouterr().err

    return ended


def test_a_commands_own_status(end):
    assert end(lambda: 3) == (3, "")


@pytest.mark.parametrize(
    ("error", "status", "line"),
    [
        (UserError("two\nlines"), 2, "trainer pretrain: error: two lines\n"),
        (BrokenPipeError(), 128 + signal.SIGPIPE, ""),
        (
            OSError(errno.ENOSPC, "No space left on device"),
            2,
            "trainer pretrain: error: No space left on device; make room, or write to another place\n",
        ),
        (
            OSError(errno.EACCES, "Permission denied", "/x"),
            2,
            "trainer pretrain: error: /x: Permission denied; name another place, or mend this one\n",
        ),
    ],
)
def test_what_goes_wrong_is_one_line(end, error, status, line):
    assert end(raises(error)) == (status, line)


def test_a_device_that_is_not_there_explains_any_exception(end, monkeypatch):
    monkeypatch.setattr(command, "device_problem", lambda: "no TPU here")
    assert end(raises(AssertionError())) == (2, "trainer pretrain: error: no TPU here\n")
    monkeypatch.setattr(command, "device_problem", lambda: "")
    for error in (AssertionError("ours"), OSError(errno.EIO, "x")):
        with pytest.raises(type(error)):
            end(raises(error))


def test_the_name_in_messages(end):
    assert end(raises(UserError("x")), "pretrian")[1] == "trainer: error: x\n"
    assert command._name([]) == "trainer"
    assert command._name(["plan", "show"]) == "trainer plan"
