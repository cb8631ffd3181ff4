import json

import numpy as np
import pytest
import tensorflow as tf

from beam_jobs.errors import UserError
from trainer.export.tensorflow_checkpoint import TensorFlowCheckpoint, find_prefix, read_config
from trainer.model.config import BertConfig


@pytest.fixture
def prefix(tmp_path):
    root, shared = tf.Module(), tf.Variable([1.0, 2.0])
    root.first, root.second, root.whole = tf.Module(), tf.Module(), tf.Variable(3, dtype=tf.int32)
    root.first.kernel = root.second.kernel = shared
    return tf.train.Checkpoint(model=root).write(str(tmp_path / "a.ckpt"))


def test_a_variable_is_found_on_every_path_that_leads_to_it(prefix):
    checkpoint = TensorFlowCheckpoint(prefix)
    keys = {checkpoint.resolve(f"model/{part}/kernel") for part in ("first", "second")}
    assert len(keys) == 1
    (key,) = keys
    value = checkpoint.read(key)
    assert (value.dtype, value.tolist()) == (np.float32, [1.0, 2.0])
    assert checkpoint.read(checkpoint.resolve("model/whole")).dtype == np.float32
    assert [checkpoint.resolve(path) for path in ("model", "model/third/kernel", "first/kernel")] == [None] * 3


def test_a_checkpoint_by_its_prefix_its_files_or_its_folder(prefix, tmp_path):
    wanted = tmp_path / "a.ckpt"
    for given in (prefix, f"{prefix}.index", f"{prefix}.data-00000-of-00001", tmp_path):
        assert find_prefix(given) == wanted
    with pytest.raises(UserError, match=r"b\.ckpt: no such checkpoint \(there is no b\.ckpt\.index\)"):
        find_prefix(tmp_path / "b.ckpt")
    (tmp_path / "b.ckpt.index").touch()
    with pytest.raises(UserError, match=r"holds not one checkpoint but a\.ckpt\.index, b\.ckpt\.index; name one"):
        find_prefix(tmp_path)
    (tmp_path / "none").mkdir()
    with pytest.raises(UserError, match="holds not one checkpoint but none"):
        find_prefix(tmp_path / "none")


def test_a_damaged_checkpoint_is_one_line(prefix, tmp_path):
    (tmp_path / "a.ckpt.index").write_bytes(b"damaged")
    with pytest.raises(UserError, match=r"a\.ckpt: cannot read the checkpoint \(.*\); fetch it again") as error:
        TensorFlowCheckpoint(prefix)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("content", "override", "wanted"),
    [
        ({}, None, "gelu_new"),
        ({"hidden_act": "gelu"}, None, "gelu_new"),
        ({"hidden_act": "gelu_erf"}, None, "gelu"),
        ({"hidden_act": "gelu_new"}, None, "gelu_new"),
        ({"hidden_act": "gelu"}, "gelu", "gelu"),
    ],
)
def test_what_gelu_means_beside_such_a_checkpoint(tmp_path, content, override, wanted):
    (tmp_path / "bert_config.json").write_text(json.dumps({"vocab_size": 9, **content}))
    assert read_config(tmp_path / "x.ckpt", None, override).hidden_act == wanted


def test_which_config_counts(tmp_path):
    prefix = tmp_path / "x.ckpt"
    with pytest.raises(UserError, match=r"no bert_config\.json beside the checkpoint"):
        read_config(prefix, None, None)
    for name, size in (("config.json", 3), ("albert_config.json", 2), ("bert_config.json", 1)):
        (tmp_path / name).write_text(json.dumps({"vocab_size": size}))
        assert read_config(prefix, None, None).vocab_size == size
    given = BertConfig(vocab_size=7)
    assert read_config(prefix, given, None) == given
    assert read_config(prefix, given, "gelu_new").hidden_act == "gelu_new"
    (tmp_path / "bert_config.json").write_text("[")
    with pytest.raises(UserError, match=r"bert_config\.json: cannot read it"):
        read_config(prefix, None, None)
