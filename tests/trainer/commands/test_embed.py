import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "embeddings"))

from tiny_models import TEXTS, golden_folder

from trainer.__main__ import main


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = golden_folder("bert", tmp_path_factory.mktemp("bert"))
    (folder / "in.txt").write_text("".join(f"{text}\n" for text in TEXTS))
    return folder


def test_a_file_becomes_vectors_and_what_was_cut_is_told(folder, tmp_path, capsys):
    output = tmp_path / "x.npy"
    command = ["embed", "--model", str(folder), "--input", str(folder / "in.txt"), "--output", str(output)]
    assert main([*command, "--layers", "-2:-1", "--combine", "concat", "--normalize"]) == 0
    assert np.load(output).shape == (5, 16)
    out, err = capsys.readouterr()
    assert out == f"{output}: 5 texts, mean vectors for each text, concat of layers -2:-1, normalized, of 16 numbers\n"
    assert "1 of 5 lines are empty" in err
    assert (
        "1 of 5 texts are longer than the 16 pieces that are read (--max_seq_length); their ends were cut off (3 of "
        in err
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--layers", "-9"], "there is no layer -9"),
        (["--pooling", "median"], "'median' is not one of mean, cls, max, pooler, none"),
        (["--per", "word"], "a .npy file cannot say which word"),
        (["--batch", "0"], "--batch is 0"),
        (["--input", "none.txt"], "none.txt"),
    ],
)
def test_mistakes_are_one_line_and_end_with_2(folder, tmp_path, arguments, said, capsys):
    command = ["embed", "--model", str(folder), "--input", str(folder / "in.txt"), "--output", str(tmp_path / "x.npy")]
    assert main([*command, *arguments]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert len([line for line in err.splitlines() if "warning" not in line]) == 1
    assert not (tmp_path / "x.npy").exists()
