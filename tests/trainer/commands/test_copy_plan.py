import pytest

from trainer.__main__ import main
from trainer.plans.reading import plan_text, read_plan


def test_a_copy_is_the_plan_with_its_comments(tmp_path, capsys):
    file = tmp_path / "mine.toml"
    assert main(["plan", "copy", "demo", str(file)]) == 0
    assert f"{file}: written" in capsys.readouterr().out
    assert file.read_text() == plan_text("demo")[0]
    assert read_plan(str(file)) == read_plan("demo")


@pytest.mark.parametrize(
    ("plan", "name", "message"),
    [
        ("demo", "mine.txt", "name a file that ends in .toml"),
        ("dmo", "mine.toml", "did you mean demo?"),
        ("demo", "there.toml", "is there already; name another, or remove it"),
    ],
)
def test_nothing_is_overwritten(tmp_path, capsys, plan, name, message):
    (tmp_path / "there.toml").write_text("mine")
    assert main(["plan", "copy", plan, str(tmp_path / name)]) == 2
    assert message in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["there.toml"]
    assert (tmp_path / "there.toml").read_text() == "mine"
