"""Switches of one style, old spellings that still count, and slips in one line."""

import argparse

import pytest

from beam_jobs.console.command_parser import CommandParser, add_switch, refuse_unknown
from beam_jobs.errors import UserError


def _parser() -> CommandParser:
    return CommandParser(prog="job", allow_abbrev=False)


@pytest.mark.parametrize("default", [True, False])
def test_a_switch_shows_the_one_that_changes_something(default: bool) -> None:
    parser = _parser()
    add_switch(parser, "zipped", "the text", default=default)
    shown, hidden = ("--no-zipped", "--zipped") if default else ("--zipped", "--no-zipped")
    assert parser.flags() == ["-h", "--help", shown]
    assert f"{hidden} " not in parser.format_help() + " "
    for flag, value in (("--zipped", True), ("--no-zipped", False), ("--no_zipped", False), ("--nozipped", False)):
        assert parser.parse_args([flag]).zipped is value
    assert parser.parse_args([]).zipped is default
    assert parser.parse_args(["--zipped", "--no-zipped"]).zipped is False


def test_a_switch_with_three_states_shows_both() -> None:
    parser = _parser()
    add_switch(parser, "lower_case", "lower", default=None, help_of_no="not lower")
    assert parser.flags() == ["-h", "--help", "--lower_case", "--no-lower_case"]
    assert parser.parse_args([]).lower_case is None


def test_a_switch_can_be_left_out() -> None:
    parser = _parser()
    add_switch(parser, "zipped", "the text", left_out=True)
    assert parser.parse_args([]) == argparse.Namespace()


@pytest.mark.parametrize(
    ("words", "value"),
    [
        (["--lower_case"], True),
        (["--no-lower_case"], False),
        (["--lower_case", "true"], True),
        (["--lower_case", "false"], False),
        (["--lower_case=false"], False),
        (["--lower_case=true"], True),
        (["--other", "false"], None),
    ],
)
def test_a_flag_that_took_true_and_false_still_does(words: list[str], value: bool | None) -> None:
    parser = _parser()
    add_switch(parser, "lower_case", "lower", default=None)
    parser.take_old_values("lower_case")
    parser.add_argument("--other")
    assert parser.parse_args(words).lower_case is value


def test_a_choice_that_there_is_not() -> None:
    parser = _parser()
    parser.add_argument("--form", choices=("round", "square"))
    with pytest.raises(
        UserError, match=r"^argument --form: 'squar' is not one of round, square; did you mean square\?; job"
    ):
        parser.parse_args(["--form", "squar"])
    with pytest.raises(UserError, match=r"'zzz' is not one of round, square; job --help tells more$"):
        parser.parse_args(["--form", "zzz"])


def test_what_nobody_knows() -> None:
    with pytest.raises(UserError, match=r"^unknown argument --sise 3; did you mean --size\?$"):
        refuse_unknown(["--sise", "3"], ["-s", "--size"])
    with pytest.raises(UserError, match=r"^unknown argument stray; --help lists what there is$"):
        refuse_unknown(["stray"], ["--size"])
