import argparse

import pytest

from beam_jobs.commands import completion as command
from beam_jobs.console.command_parser import CommandParser
from beam_jobs.errors import UserError


def test_the_script_of_the_shell_is_printed(monkeypatch, capsys):
    monkeypatch.setattr(command, "completion_script", lambda shell: f"script of {shell}")
    assert command.run(argparse.Namespace(shell="fish")) == 0
    assert capsys.readouterr().out == "script of fish\n"


def test_another_shell_is_refused():
    parser = CommandParser()
    command.add_arguments(parser)
    assert parser.parse_args(["zsh"]).shell == "zsh"
    with pytest.raises(UserError, match="'tcsh' is not one of bash, zsh, fish; "):
        parser.parse_args(["tcsh"])
