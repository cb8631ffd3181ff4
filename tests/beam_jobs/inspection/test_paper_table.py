import json

import pytest

from beam_jobs.console.dispatch import find_call
from beam_jobs.errors import UserError
from beam_jobs.inspection.paper_table import print_tables


def test_the_table_alone_is_printed(corpus_folder, capsys):
    assert find_call(["inspect", str(corpus_folder), "--table", "markdown"], "./run.sh").run() == 0
    lines = capsys.readouterr().out.splitlines()
    counts = json.loads((corpus_folder / "corpus_stats.json").read_text())["counts"]
    assert lines[0] == "|  | train | dev |"
    assert f"| documents | {counts['train']['num_documents']:,} | {counts['dev']['num_documents']:,} |" in lines
    assert all(line.startswith("| ") for line in lines)


def test_several_folders_have_a_table_each(corpus_folder, capsys):
    print_tables([str(corpus_folder)] * 2, "latex")
    assert capsys.readouterr().out.count(r"\begin{tabular}{lrr}") == 2


def test_a_folder_without_statistics_names_those_within(corpus_folder, tmp_path):
    with pytest.raises(UserError, match=r"has no corpus_stats\.json, which --table reads; name the --output"):
        print_tables([str(tmp_path)], "latex")
    (tmp_path / "instances").symlink_to(corpus_folder)
    with pytest.raises(UserError, match=r"; name .*/instances$"):
        print_tables([str(tmp_path)], "latex")
    (tmp_path / "corpus_stats.json").write_text("[")
    with pytest.raises(UserError, match=r"corpus_stats\.json: cannot be read"):
        print_tables([str(tmp_path)], "latex")


def test_it_prints_nothing_else(corpus_folder):
    with pytest.raises(UserError, match="leave out --html, --record"):
        find_call(["inspect", str(corpus_folder), "--table", "latex", "--html", "x.html"], "./run.sh").run()
