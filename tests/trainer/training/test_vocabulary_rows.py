import numpy as np
import pytest

from beam_jobs.errors import UserError
from trainer.export.weight_map import ImportedModel
from trainer.model.config import BertConfig
from trainer.training.vocabulary_rows import BIAS, TABLE, check_pieces, fit_rows


def checkpoint(rows):
    config = BertConfig(vocab_size=rows, hidden_size=4, num_hidden_layers=1, num_attention_heads=1, intermediate_size=4)
    draws = np.random.default_rng(0)
    table = draws.standard_normal((rows, 4)).astype(np.float32)
    return ImportedModel(config, {TABLE: table, BIAS: table[:, 0].copy(), "pooler/bias": table[0]}, "test", "there")


@pytest.mark.parametrize(("there", "here"), [(30, 32), (32, 30), (32, 64), (64, 32)])
def test_rows_of_pieces_stay_and_rows_of_padding_come_and_go(there, here):
    imported = checkpoint(there)
    fitted = fit_rows(imported, here, 30)
    assert fitted.config.vocab_size == len(fitted.weights[TABLE]) == len(fitted.weights[BIAS]) == here
    for name in (TABLE, BIAS):
        np.testing.assert_array_equal(fitted.weights[name][:30], imported.weights[name][:30])
        assert fitted.weights[name].dtype == np.float32
    assert not fitted.weights[TABLE][there:].any()
    assert (fitted.weights[BIAS][there:] == imported.weights[BIAS].min()).all()
    assert fitted.weights["pooler/bias"] is imported.weights["pooler/bias"]


@pytest.mark.parametrize("there", [30, 31, 33])
def test_another_vocabulary_is_left_for_the_assignment_to_refuse(there):
    imported = checkpoint(there)
    assert fit_rows(imported, 32 if there == 30 else 30, 30 if there != 30 else 20) is imported


def test_the_vocabulary_beside_a_checkpoint_tells_pieces_from_padding(tmp_path):
    (tmp_path / "vocab.txt").write_text("\n".join(map(str, range(32))))
    check_pieces(str(tmp_path), 32, 32)
    with pytest.raises(UserError, match=r"vocab.txt: has 32 pieces, but the vocabulary to train with has 30"):
        check_pieces(str(tmp_path / "bert_model.ckpt"), 32, 30)
    (tmp_path / "vocab.txt").unlink()
    check_pieces(str(tmp_path), 32, 30)
