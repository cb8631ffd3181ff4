"""`trainer export --checkpoint` through the command line, from a foreign checkpoint that is not whole to every format."""

import json

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from trainer.__main__ import main
from trainer.export.hugging_face import save_hugging_face
from trainer.export.load import load_checkpoint


@pytest.fixture(scope="module")
def headless(scaled, config, vocabulary_file, tmp_path_factory):
    """A Hugging Face folder whose config says the wrong GELU and which lacks the next-sentence head."""
    folder = tmp_path_factory.mktemp("headless") / "model"
    save_hugging_face(scaled(config), config, vocabulary_file, False, folder, "# card\n")
    tensors = load_file(folder / "model.safetensors")
    kept = {name: value for name, value in tensors.items() if "seq_relationship" not in name}
    assert len(kept) == len(tensors) - 2
    save_file(kept, folder / "model.safetensors", metadata={"format": "pt"})
    content = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(content | {"hidden_act": "gelu"}))
    return folder


def export(headless, output, *arguments):
    return main(["export", "--checkpoint", str(headless), "--output", str(output), *arguments])


def test_a_missing_head_is_refused_until_it_is_allowed(headless, tmp_path, capsys):
    assert export(headless, tmp_path / "out") == 2
    assert "next_sentence" in capsys.readouterr().err
    assert export(headless, tmp_path / "out", "--allow_missing", "next_sentence", "--hidden_act", "gelu_new") == 0
    assert "next_sentence" in capsys.readouterr().out  # named: it is exported untrained
    ours = load_checkpoint(tmp_path / "out")
    assert ours.config.hidden_act == "gelu_new"
    whole = load_checkpoint(headless, allow_missing=("next_sentence",))
    assert whole.config.hidden_act == "gelu"
    for name, value in whole.weights.items():
        np.testing.assert_array_equal(ours.weights[name], value, err_msg=name)


@pytest.mark.parametrize("form", ["model_garden", "saved_model"])
def test_every_format_is_written_by_the_command(form, headless, tmp_path, capsys):
    output = tmp_path / form
    assert export(headless, output, "--allow_missing", "next_sentence", "--format", form) == 0
    assert f"written as {form}, read back; largest difference" in capsys.readouterr().out
    if form == "saved_model":
        import tensorflow as tf

        outputs = tf.saved_model.load(str(output)).signatures["serving_default"](tf.constant(["the cat sat"]))
        assert outputs["pooled_output"].shape == (1, 32)
    else:
        assert load_checkpoint(output).config.hidden_size == 32


def test_a_run_knows_its_network(tmp_path, capsys):
    (tmp_path / "plan.json").write_text("{}")
    assert main(["export", "--run", str(tmp_path), "--output", str(tmp_path / "out"), "--hidden_act", "gelu"]) == 2
    assert "belong to --checkpoint" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("weight", "init", "expected"),
    [
        (1.0, "", ()),
        (0.0, "", ("pooler", "next_sentence")),
        (0.0, 'init = { checkpoint = "x" }', ()),
        (0.0, 'init = { checkpoint = "x", allow_missing = ["masked_lm", "next_sentence"] }', ("next_sentence",)),
    ],
)
def test_a_run_without_a_second_segment_task_never_trains_pooler_and_head(weight, init, expected):
    from trainer.plans.reading import plan_from_toml
    from trainer.tasks.pretraining import untrained_heads

    phase = (
        f"sequence_length = 8\nbatch = 8\nsteps = 8\nlearning_rate = {{ peak = 1e-3 }}\nnext_sentence_weight = {weight}"
    )
    plan = plan_from_toml(f'name = "x"\n{init}\n[[phase]]\nname = "a"\n{phase}\n', "x.toml")
    assert untrained_heads(plan) == expected
