import math
import tomllib

import pytest

from beam_jobs.console.toml_text import as_kind, key_lines, parse_toml, toml_value, unified_lines
from beam_jobs.errors import UserError


def test_what_is_not_toml_is_told_with_its_line() -> None:
    with pytest.raises(UserError, match=r"^f\.toml:2: not TOML: "):
        parse_toml("a = 1\nb = \n", "f.toml", "a plan")
    with pytest.raises(UserError, match=r"^f\.toml:1: not a plan: its tables or lists are nested too deep"):
        parse_toml("a = " + "[" * 100_000, "f.toml", "a plan")


def test_ends_of_lines_of_other_systems() -> None:
    assert unified_lines("å\r\nb\rc\n".encode()) == "å\nb\nc\n"


def test_the_line_of_each_key() -> None:
    text = 'a = 1\nb.c = 2\n[t]\n"d" = { e = 3, f = 4 }\n[[p]]\nx = 1\n[[p]]\nx = 2\n'
    lines = key_lines(text)
    assert [lines[("a",)], lines[("b", "c")], lines[("t", "d")], lines[("t", "d", "f")]] == [1, 2, 4, 4]
    assert [lines[("p", 0, "x")], lines[("p", 1, "x")]] == [6, 8]


def test_kinds_of_values() -> None:
    assert as_kind(float, 3, "k") == 3.0
    assert [as_kind(kind, value, "k") for kind, value in ((int, 3), (bool, True), (str, "a"))] == [3, True, "a"]


@pytest.mark.parametrize(
    ("kind", "value", "problem"),
    [
        (int, "3", "k = '3' must be a whole number"),
        (int, True, "k = True must be a whole number"),
        (int, 2**63, "is too large"),
        (float, math.nan, "must be a finite number"),
        (float, False, "must be a number"),
        (bool, 1, "must be true or false"),
        (str, 1, "must be a string in quotes"),
        (str, "a\0", "holds a null character"),
    ],
)
def test_a_value_of_another_kind(kind: type, value: object, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        as_kind(kind, value, "k")


@pytest.mark.parametrize(
    "value", ['å "\\ \n\t\x7f\x01', 1e-07, 1e22, 3, True, [], ["a", "b"], {"a": [1], "b": "c"}, {}]
)
def test_what_is_written_is_read(value: object) -> None:
    assert tomllib.loads(f"k = {toml_value(value)}")["k"] == value


def test_a_path_that_is_not_utf8_has_no_toml() -> None:
    with pytest.raises(ValueError, match=r"surrogates"):
        toml_value("\udcff")
