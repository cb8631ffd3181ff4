"""One table of commands: `run.sh help`, `beambert --help` and the modules of the commands agree with it."""

import argparse
import importlib
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from beam_jobs.console.commands import COMMANDS, Command, chosen_command, commands_below, group_of, next_words
from beam_jobs.console.dispatch import command_parser, list_of_commands

ROOT = Path(__file__).parents[3]
KINDS = {"ADDRESS", "CODE", "DIR", "FIELD", "FILE", "INT", "INT-INT", "KEY=VALUE", "MB", "NAME"} | {
    "NUMBER",
    "PATH",
    "PROB",
    "SHARE",
    "TEXT",
    "URI",
}
"""What a metavar says of a value: its kind or its unit."""


def test_the_commands_there_are() -> None:
    assert [command.name for command in COMMANDS] == [
        "vocabulary",
        "segment",
        "instances",
        "corpus",
        "embed",
        "inspect",
        "config show",
        "vocab lint",
        "vocab fetch",
        "trainer plan list",
        "trainer plan copy",
        "trainer plan show",
        "trainer plan compile",
        "trainer pretrain",
        "trainer finetune",
        "trainer predict",
        "trainer distill",
        "trainer embed",
        "trainer serve",
        "trainer score",
        "trainer compare",
        "trainer report",
        "trainer export",
        "trainer fill_mask",
        "completion",
        "demo",
    ]


def test_every_module_of_commands_is_a_command() -> None:
    written = {
        f"{package}.{path.stem}"
        for package in ("beam_jobs.commands", "trainer.commands")
        for path in (ROOT / package.replace(".", "/")).glob("*.py")
        if re.search(r"^def add_arguments\(", path.read_text(), re.MULTILINE)
    }
    assert written == {command.module for command in COMMANDS}


def test_run_sh_help_names_every_command_with_what_it_takes() -> None:
    page = subprocess.run(["bash", "run.sh", "help"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    shown = re.findall(r"\./run\.sh ((?:[a-z_]+(?: (?=[a-z_])|\b))+)(.*)", page)
    names = [" ".join(words.split()) for words, _ in shown]
    assert sorted(names) == sorted([*(command.name for command in COMMANDS), "help", "test", "test", "test engines"])
    for words, rest in shown:
        for command in COMMANDS:
            if command.name == " ".join(words.split()) and command.usage:
                assert " ".join(rest.split()).startswith(command.usage), command.name


@pytest.mark.parametrize("program", ["beambert", "./run.sh"])
def test_the_list_names_every_command(program: str) -> None:
    lines = list_of_commands((), program).splitlines()
    assert lines[0].startswith(f"usage: {program} COMMAND ")
    listed = [re.match(r"  (\S+(?: \S+)*)  +(\S.*)", line).groups() for line in lines[2:]]
    assert listed == [(command.name, command.help) for command in COMMANDS]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_a_command_says_the_kind_of_every_value(command: Command) -> None:
    module = importlib.import_module(command.module)
    parser = command_parser(command, module, "beambert")
    assert parser.prog == f"beambert {command.name}"
    assert all(line.startswith(command.name) for line in module.EXAMPLES.splitlines())
    for action in parser._actions:
        if action.nargs == 0 or action.help == argparse.SUPPRESS:
            continue
        shown = action.metavar
        assert isinstance(shown, str), action
        assert action.help, action
        if action.choices:
            assert shown == "|".join(action.choices)
        elif "|" in shown and shown.split("|")[0].islower():
            continue  # choices that the settings check: see tests/beam_jobs/settings/test_field.py
        else:
            assert set(shown.split("|")) <= KINDS, action
        if action.type is int:
            assert shown == "INT", action


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_one_style_of_negation(command: Command) -> None:
    parser = command_parser(command, importlib.import_module(command.module), "beambert")
    for action in parser._actions:
        if action.nargs == 0 and action.help != argparse.SUPPRESS:
            for name in action.option_strings:
                negated = name != f"--{action.dest}" and re.match(r"--no(?!-)", name)  # --normalize negates nothing
                assert not negated, name
            if isinstance(action, argparse._StoreTrueAction | argparse._StoreFalseAction):
                assert {f"--{action.dest}", f"--no-{action.dest}"} <= set(parser._option_string_actions)


def test_examples_are_command_lines_of_today() -> None:
    for command in COMMANDS:
        module = importlib.import_module(command.module)
        parser = command_parser(command, module, "beambert")
        for line in module.EXAMPLES.splitlines():
            assert parser.parse_known_args(shlex.split(line)[len(command.words) :])[1] == []


def test_names_of_several_words() -> None:
    assert chosen_command(["vocab", "lint", "--x"]).name == "vocab lint"
    assert chosen_command(["trainer", "plan"]) is None
    assert chosen_command([]) is None
    assert group_of(["trainer", "plan", "shw"]) == ("trainer", "plan")
    assert group_of(["--help"]) == ()
    assert next_words(("trainer",)) == [
        *(
            "plan",
            "pretrain",
            "finetune",
            "predict",
            "distill",
            "embed",
            "serve",
            "score",
            "compare",
            "report",
            "export",
            "fill_mask",
        )
    ]
    assert [command.name for command in commands_below(("vocab",))] == ["vocab lint", "vocab fetch"]
