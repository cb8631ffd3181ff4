from pathlib import Path

from beam_jobs.console.warnings import WARNINGS, Warned, silence_problem, warn

ROOT = Path(__file__).parents[3]


def test_each_warning_is_a_line_that_says_how_to_silence_it(capsys):
    warn([Warned("padding", "much padding"), Warned("labels", "odd labels")], silenced=["labels"])
    assert capsys.readouterr() == ("", "beambert: warning: much padding (--silence padding for none)\n")


def test_names_that_are_no_warnings():
    assert silence_problem(WARNINGS) == ""
    assert (
        silence_problem(["paddin"]) == f"'paddin' is no warning; they are {', '.join(WARNINGS)}; did you mean padding?"
    )


def test_the_documentation_has_a_row_for_each():
    rows = [line.split("`")[1] for line in (ROOT / "docs/corpus.md").read_text().splitlines() if line.startswith("| `")]
    assert [name for name in rows if name in WARNINGS] == list(WARNINGS)
