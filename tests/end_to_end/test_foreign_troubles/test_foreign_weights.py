"""Checkpoints of other people's tools through the command line: read as they are meant, trained on, exported."""

import json
import shlex
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

import beam_jobs.__main__ as jobs_command_line
import trainer.__main__ as command_line

PLAN = """
name = "foreign"
[model]
compute_dtype = "float32"
config = {{ {config} }}
[[phase]]
name = "only"
sequence_length = 32
batch = 2
steps = 1
learning_rate = {{ peak = 1e-9 }}
evaluation = {{ batches = 0 }}
"""


def run(*arguments: object) -> int:
    return command_line.main([*map(str, arguments)])


def refused(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """The one line that a refused command ends with."""
    assert run(*arguments) == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1, lines
    return lines[0]


@pytest.fixture(scope="module")
def instances(foreign_bert: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Records made for a published model of 29 pieces and 2 attention heads."""
    folder = tmp_path_factory.mktemp("records")
    model = foreign_bert(folder / "model")
    sentences = ["the cat sat on the mat.", "the dog ran, the cats sat.", "a dog sat on the cat."]
    (folder / "sentences.txt").write_text("\n\n".join("\n".join(sentences * 2) for _ in range(6)) + "\n")
    arguments = ["--input", str(folder / "sentences.txt"), "--output", str(folder / "instances")]
    sizes = ["--max_seq_length", "32", "--max_predictions_per_seq", "4", "--model_class", str(model / "config.json")]
    assert jobs_command_line.main(["instances", *arguments, *sizes]) == 0
    return folder / "instances"


def plan(folder: Path, config: str = "") -> Path:
    path = folder / "plan.toml"
    path.write_text(PLAN.format(config=config))
    return path


def wrapped_and_headless(tensors: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """As DataParallel names them, without the next-sentence head."""
    return {f"module.{name}": value for name, value in tensors.items() if "seq_relationship" not in name}


@pytest.fixture(scope="module")
def foreign(foreign_bert: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint that differs from the records' model class in all that shapes do not show, padded to 32 rows."""
    folder = tmp_path_factory.mktemp("foreign") / "model"
    return foreign_bert(
        folder,
        change=wrapped_and_headless,
        num_attention_heads=4,
        layer_norm_eps=1e-3,
        hidden_act="gelu_new",
        vocab_size=32,
        seed=1,
    )


@pytest.fixture(scope="module")
def trained(foreign: Path, instances: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The export of one tiny update that began with `foreign`, under a plan that pads to 64 rows."""
    import jax

    folder = tmp_path_factory.mktemp("trained")
    arguments = ["--plan", plan(folder, "vocab_size = 64"), "--data", instances, "--output", folder / "run"]
    missing = ["--init", foreign, "--allow_missing", "next_sentence", "--notensorboard"]
    before = jax.config.values["jax_disable_most_optimizations"]
    jax.config.update("jax_disable_most_optimizations", True)  # compiling takes longer than the one update
    try:
        assert run("pretrain", *arguments, *missing) == 0
    finally:
        jax.config.update("jax_disable_most_optimizations", before)
    assert run("export", "--run", folder / "run", "--output", folder / "exported") == 0
    return folder / "exported"


def test_a_run_computes_as_the_checkpoint_it_began_with(trained):
    """A team whose plan said other attention heads and another epsilon than its checkpoint trained a spoilt model."""
    config = json.loads((trained / "config.json").read_text())
    assert (config["num_attention_heads"], config["layer_norm_eps"], config["hidden_act"]) == (4, 1e-3, "gelu_new")


def test_names_that_data_parallel_has_changed_are_read(trained, foreign):
    """Somebody whose checkpoint was saved out of DataParallel could not use it, for the module. in every name."""
    ours, theirs = load_file(trained / "model.safetensors"), load_file(foreign / "model.safetensors")
    name = "bert.encoder.layer.1.output.dense.weight"
    np.testing.assert_allclose(ours[name], theirs[f"module.{name}"], atol=1e-6)


def test_a_head_that_a_checkpoint_lacks_can_be_allowed_on_the_command_line(instances, foreign, tmp_path, capsys):
    """Somebody with a checkpoint without a next-sentence head had to copy a plan to say that this is all right."""
    arguments = ["--plan", plan(tmp_path), "--data", instances, "--output", tmp_path / "run"]
    message = refused(capsys, "pretrain", *arguments, "--init", foreign)
    assert "allow next_sentence to be initialised at random" in message
    assert "--allow_missing" in message
    assert "name one with --init" in refused(capsys, "pretrain", *arguments, "--allow_missing", "next_sentence")


def test_rows_of_padding_are_kept_and_stand_for_nothing(trained, foreign, tmp_path, capsys):
    """A team whose word table is padded to a multiple of 8 could neither train on with it nor export it."""
    ours, theirs = load_file(trained / "model.safetensors"), load_file(foreign / "model.safetensors")
    table, bias = ours["bert.embeddings.word_embeddings.weight"], ours["cls.predictions.bias"]
    assert table.shape == (64, 16)
    np.testing.assert_allclose(table[:29], theirs["module.bert.embeddings.word_embeddings.weight"][:29], atol=1e-6)
    assert np.abs(table[32:]).max() < 1e-6
    assert np.abs(bias[32:] - theirs["module.cls.predictions.bias"].min()).max() < 1e-6
    assert run("export", "--checkpoint", foreign, "--output", tmp_path / "e", "--allow_missing", "next_sentence") == 0
    assert "word table: 32 rows for the 29 pieces" in capsys.readouterr().out
    assert json.loads((tmp_path / "e" / "config.json").read_text())["vocab_size"] == 32
    for folder in (tmp_path / "e", trained):
        assert "29 WordPieces, lower-cased, padded to " in (folder / "README.md").read_text()
        assert len((folder / "vocab.txt").read_text().split()) == 29
        assert run("fill_mask", "--model", folder, "--top", "100", "the [MASK] sat") == 0
        proposals = capsys.readouterr().out.splitlines()[1:]
        assert len(proposals) == 29
        assert not any(line.split()[-2] == "id" for line in proposals)


def test_a_padded_model_is_a_model_class(foreign_bert, tmp_path, capsys):
    """A team whose config.json says more rows than its vocab.txt has lines could not make records for its model."""
    model = foreign_bert(tmp_path / "model", vocab_size=64)
    (tmp_path / "a.txt").write_text("the cat sat.\nthe dog ran.\n\nthe cat sat.\nthe dog ran.\n")
    arguments = ["--input", str(tmp_path / "a.txt"), "--model_class", str(model / "config.json")]
    assert jobs_command_line.main(["instances", *arguments, "--output", str(tmp_path / "out")]) == 0
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["vocabulary"]["size"] == 29
    other = foreign_bert(tmp_path / "other", vocab_size=30)
    arguments[-1] = str(other / "config.json")
    assert jobs_command_line.main(["instances", *arguments, "--output", str(tmp_path / "no")]) == 2
    assert "29 pieces" in capsys.readouterr().err


def test_a_model_with_one_kind_of_segment_is_not_trained_on_pairs(instances, tmp_path, capsys):
    """A team that set type_vocab_size = 1, as RoBERTa does, trained on pairs whose second segments were dropped."""
    arguments = ["--plan", plan(tmp_path, "type_vocab_size = 1"), "--data", instances, "--output", tmp_path / "run"]
    message = refused(capsys, "pretrain", *arguments)
    assert "has a segment 1, but the model's type_vocab_size is 1" in message
    assert "set type_vocab_size = 2" in message


def test_pickled_weights_are_never_opened_and_the_remedy_is_a_command(foreign_bert, tmp_path, capsys):
    """Somebody with an old model folder was told to convert pytorch_model.bin, but not how."""
    model = foreign_bert(tmp_path / "it's a model")
    (model / "model.safetensors").unlink()
    trap = b"cos\nsystem\n(S'touch opened'\ntR."  # what pickle would run
    for name in ("pytorch_model.bin", "pytorch_model-00001-of-00002.bin"):
        (model / name).write_bytes(trap)
        for path in (model, model / name):
            message = refused(capsys, "export", "--checkpoint", path, "--output", tmp_path / "exported")
            assert "which are never opened here" in message
            command = shlex.split(message.partition("with: ")[2])
            assert command[:2] == ["python", "-c"]
            compile(command[2], "remedy", "exec")
            assert "weights_only=True" in command[2]
            assert json.dumps(str(model)) in command[2]
        (model / name).unlink()
    assert not list(tmp_path.rglob("opened"))
