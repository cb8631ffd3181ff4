import argparse
import shutil

import numpy as np
import pytest
from tokenizers import Tokenizer

import trainer  # noqa: F401  chooses the backend, before any test imports Keras
from beam_jobs.errors import UserError
from trainer.commands import fill_mask as command
from trainer.export.hugging_face import save_hugging_face
from trainer.export.loaded_model import load_model
from trainer.export.weight_map import read_weights
from trainer.model.bert import build_pretrainer
from trainer.model.config import BertConfig

PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "cat", "sat", "on", "mat"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A model that always proposes "cat", then "mat": its logits are its output bias and next to nothing else."""
    folder = tmp_path_factory.mktemp("run")
    (folder / "vocab.txt").write_text("\n".join(PIECES) + "\n")
    config = BertConfig(
        vocab_size=len(PIECES),
        hidden_size=8,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=16,
    )
    model = build_pretrainer(config)
    bias = read_weights(model)["masked_lm/bias"]
    bias[PIECES.index("cat")], bias[PIECES.index("mat")] = 9, 8
    model.heads["masked_lm"].bias.assign(bias)
    save_hugging_face(model, config, folder / "vocab.txt", True, folder / "hugging_face", "card")
    return folder


def test_each_gap_gets_its_best_pieces(folder):
    gaps = load_model(folder / "hugging_face").fill_mask("The [MASK] sat on the [MASK]", top=3)
    assert [[filling.piece for filling in gap[:2]] for gap in gaps] == [["cat", "mat"]] * 2
    for gap in gaps:
        probabilities = [filling.probability for filling in gap]
        assert probabilities == sorted(probabilities, reverse=True)
        assert 0.7 < probabilities[0] < 0.75
        assert sum(probabilities) <= 1


def test_all_probabilities_add_up_to_one(folder):
    (gap,) = load_model(folder).fill_mask("the [MASK]", top=100)
    assert len(gap) == len(PIECES)
    assert sum(filling.probability for filling in gap) == pytest.approx(1)


def test_truncation_and_padding_of_a_tokenizer_file_are_not_used(folder, tmp_path):
    foreign = tmp_path / "model"
    shutil.copytree(folder / "hugging_face", foreign)
    tokenizer = Tokenizer.from_file(str(foreign / "tokenizer.json"))
    tokenizer.enable_truncation(4)
    tokenizer.enable_padding(length=12)
    tokenizer.save(str(foreign / "tokenizer.json"))
    texts = ["the cat sat on the [MASK]", "the cat"]
    model, own = load_model(foreign), load_model(folder)
    assert len(model.fill_mask(texts[0])) == 1  # beyond the piece at which the file truncates
    assert model.encode(texts).pieces == own.encode(texts).pieces
    np.testing.assert_array_equal(model.encode(texts).mask, own.encode(texts).mask)
    np.testing.assert_array_equal(model.encode(texts[1:]).last_hidden_state, own.encode(texts[1:]).last_hidden_state)


def test_the_command_takes_a_runs_output_folder_and_prints_a_table(folder, capsys):
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    assert command.run(parser.parse_args(["--model", str(folder), "--top", "2", "the [MASK] sat"])) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("the [MASK] sat")
    assert [line.split()[-1] for line in lines[1:]] == ["cat", "mat"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("the cat", r"the text has no \[MASK\]"),
        ("[MASK] " + "cat " * 14, "17 pieces long, but the model in .* reads 16"),
    ],
)
def test_texts_that_cannot_be_filled_are_refused(folder, text, message):
    with pytest.raises(UserError, match=message):
        load_model(folder).fill_mask(text)


def test_a_folder_without_a_model_is_refused(tmp_path):
    with pytest.raises(UserError, match="holds no exported model"):
        load_model(tmp_path)
