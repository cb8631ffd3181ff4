import builtins
import subprocess
import sys

import pytest

from trainer.__main__ import main


def test_mistakes_are_one_line_and_status_2(tmp_path, capsys):
    assert main(["serve", "--model", str(tmp_path / "none"), "--port", "0"]) == 2
    assert main(["serve", "--model", str(tmp_path), "--port", "99999"]) == 2
    assert main(["serve", "--model", str(tmp_path), "--only", "embd"]) == 2
    assert main(["serve", "--model", str(tmp_path), "--pooling", "none"]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 4
    assert all(line.startswith("trainer serve: error: ") for line in lines)
    assert "no such" in lines[0]
    assert "--port is 99999" in lines[1]
    assert "--only names 'embd'" in lines[2]


def test_the_extra_is_named_where_it_is_missing(tmp_path, capsys, monkeypatch):
    for name in [name for name in sys.modules if name.startswith("trainer.serving.")]:
        if name != "trainer.serving.settings":
            monkeypatch.delitem(sys.modules, name)
    real = builtins.__import__

    def without(name, *arguments):
        if name.partition(".")[0] in ("starlette", "uvicorn"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name.partition(".")[0])
        return real(name, *arguments)

    monkeypatch.setattr(builtins, "__import__", without)
    assert main(["serve", "--model", str(tmp_path)]) == 2
    assert "is not installed; pip install 'beambert[serve]' has what serve needs" in capsys.readouterr().err


def test_help_loads_no_web_library(capsys):
    code = "import sys; from trainer.__main__ import main; main(['serve', '--help']); print(sorted(sys.modules))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "--max_queue" in shown
    for name in ("uvicorn", "starlette", "jax", "keras"):
        assert f"'{name}'" not in shown


@pytest.mark.parametrize("word", ["/v1/embeddings", "/fill_mask", "429", "SIGTERM"])
def test_help_teaches(word, capsys):
    with pytest.raises(SystemExit, match="0"):
        main(["serve", "--help"])
    assert word in " ".join(capsys.readouterr().out.split())
