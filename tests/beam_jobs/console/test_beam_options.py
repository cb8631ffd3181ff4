"""The list of Beam's options: complete, and enough to notice a slip without Beam."""

import json
import subprocess
import sys

import pytest

from beam_jobs.console import beam_options
from beam_jobs.console.beam_options import unknown_beam_arguments
from beam_jobs.errors import UserError
from beam_jobs.execution.beam_arguments import LIST


def test_the_list_is_that_of_the_beam_that_is_installed() -> None:
    """In a process of its own: another test may have loaded a runner that brings options of its own."""
    code = "import json; from beam_jobs.execution.beam_arguments import list_of_options; print(json.dumps(list_of_options()))"
    printed = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert json.loads(LIST.read_text()) == json.loads(printed), "run python -m beam_jobs.execution.beam_arguments"


@pytest.mark.parametrize(
    ("arguments", "unknown"),
    [
        (["--runner=FlinkRunner", "--flink_master=local"], []),
        (["--runner", "FlinkRunner", "--streaming", "--project", "p"], []),
        (["--experiments=a", "--experiments=b"], []),
        (["--runer=FlinkRunner"], ["--runer=FlinkRunner"]),
        (["--streaming", "stray"], ["stray"]),
        (["--flink=local"], ["--flink=local"]),  # no abbreviations
        ([], []),
    ],
)
def test_names_are_checked(arguments: list[str], unknown: list[str]) -> None:
    assert unknown_beam_arguments(arguments)[0] == unknown


def test_a_value_that_is_missing_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UserError, match=r"^argument --runner: expected one argument \(an option of Beam\)$"):
        unknown_beam_arguments(["--runner"])
    assert capsys.readouterr().err == ""


def test_another_version_of_beam_may_have_other_options(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beam_options, "_installed", lambda: "99.0")
    unknown, flags = unknown_beam_arguments(["--brand_new=1"])
    assert unknown == []
    assert "--runner" in flags
