from tests.trainer.report.made_runs import make_run
from trainer.__main__ import main


def test_a_table_and_a_page(tmp_path, capsys):
    runs = [make_run(tmp_path / name) for name in ("seed_1", "seed_2")]
    assert main(["report", *runs, "--html", str(tmp_path / "runs.html")]) == 0
    printed = capsys.readouterr().out
    assert "loss held out       5.5           5.5" in printed
    assert f"wrote {tmp_path}/runs.html" in printed
    assert "seed_2" in (tmp_path / "runs.html").read_text()


def test_mistakes_are_one_line(tmp_path, capsys):
    for arguments, message in (
        (["report", str(tmp_path / "nosuch")], "no such folder; name the --output of a training run"),
        (["report", str(tmp_path)], "has no metrics.jsonl"),
        (["report", make_run(tmp_path / "run"), "--html", str(tmp_path / "run.txt")], "name a file that ends in .html"),
    ):
        assert main(arguments) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert message in line
