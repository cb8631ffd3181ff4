import pytest

from beam_jobs.console.command_parser import CommandParser
from beam_jobs.errors import UserError
from trainer.commands import export


def parsed(*arguments):
    parser = CommandParser("trainer export", "", "")
    export.add_arguments(parser)
    return parser.parse_args(["--output", "out", *arguments])


@pytest.mark.parametrize(
    ("arguments", "lower_case"),
    [
        ([], None),
        (["--lower_case"], True),
        (["--no-lower_case"], False),
    ],
)
def test_the_casing_is_as_trained_unless_it_is_said(arguments, lower_case):
    assert parsed("--run", "r", *arguments).lower_case is lower_case


def test_an_export_goes_to_a_disk_or_a_store():
    with pytest.raises(UserError, match=r"https:// is only read, one file at a time"):
        export.run(parsed("--run", "r", "--output", "https://b/out"))
