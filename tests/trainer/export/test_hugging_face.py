import dataclasses
import json
import shutil

import ml_dtypes
import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import load_file, save_file
from tokenizers import Tokenizer

from beam_jobs.errors import UserError
from trainer.export import hugging_face, hugging_face_names
from trainer.export.hugging_face import load_hugging_face, save_hugging_face
from trainer.export.parity import ExportMismatchError
from trainer.export.tokenizer_files import TokenizerSettings


@pytest.fixture
def copy(exported, tmp_path):
    return shutil.copytree(exported, tmp_path / "copy")


def change_tensors(folder, change):
    tensors = load_file(folder / "model.safetensors")
    save_file(change(tensors) or tensors, folder / "model.safetensors", metadata={"format": "pt"})


def test_a_folder_holds_what_transformers_loads(exported):
    names = {path.name for path in exported.iterdir()}
    assert names == {
        "config.json",
        "model.safetensors",
        "tokenizer.json",
        "tokenizer_config.json",
        "vocab.txt",
        "README.md",
        "beambert_export.json",
    }
    config = json.loads((exported / "config.json").read_text())
    assert config["architectures"] == ["BertForPreTraining"]
    assert config["hidden_act"] == "gelu_new"
    assert config["max_position_embeddings"] == 40
    assert json.loads((exported / "tokenizer_config.json").read_text())["model_max_length"] == 40
    with safe_open(exported / "model.safetensors", "np") as file:
        assert file.metadata() == {"format": "pt"}
        assert not any("decoder" in name for name in file.keys())  # noqa: SIM118  not a dictionary


def test_the_round_trip_is_exact(model, config, exported, same_weights):
    imported = load_hugging_face(exported)
    assert imported.config == config
    same_weights(model, imported)
    assert imported.initialised == imported.passed_over == ()


def test_an_albert_makes_the_round_trip_as_an_albert(albert, scaled, vocabulary_file, tmp_path, same_weights):
    model = scaled(albert)
    save_hugging_face(model, albert, vocabulary_file, True, tmp_path / "albert", "card")
    content = json.loads((tmp_path / "albert" / "config.json").read_text())
    assert (content["model_type"], content["num_hidden_groups"]) == ("albert", 1)
    imported = load_hugging_face(tmp_path / "albert")
    assert imported.config == albert
    same_weights(model, imported)


def test_shared_layers_without_a_factorised_embedding_have_no_such_form(albert):
    with pytest.raises(UserError, match="set embedding_size"):
        hugging_face_names.hugging_face_config(dataclasses.replace(albert, embedding_size=None))


@pytest.mark.parametrize(("lower_case", "expected"), [(False, ["T", "##h", "##e"]), (True, ["the"])])
def test_the_tokenizer_is_berts(vocabulary_file, tmp_path, model, config, lower_case, expected):
    save_hugging_face(model, config, vocabulary_file, lower_case, tmp_path / "model", "card")
    tokenizer = Tokenizer.from_file(str(tmp_path / "model" / "tokenizer.json"))
    assert tokenizer.encode("The", "cat").tokens == ["[CLS]", *expected, "[SEP]", "cat", "[SEP]"]
    assert tokenizer.encode("The", "cat").type_ids == [0] * (len(expected) + 2) + [1, 1]
    assert tokenizer.encode("[MASK] 日本", add_special_tokens=False).tokens == ["[MASK]", "日", "本"]
    accented = ["bl", "å"] if not lower_case else ["bl", "a"]
    assert "".join(tokenizer.encode("blå", add_special_tokens=False).tokens).replace("##", "") == "".join(accented)
    assert tokenizer.encode("a" * 150, add_special_tokens=False).tokens[0] == "a"
    assert tokenizer.encode("a" * 201, add_special_tokens=False).tokens == ["[UNK]"]


def test_accents_can_be_kept_when_lower_casing(vocabulary_file, tmp_path, model, config):
    settings = TokenizerSettings(True, strip_accents=False)
    save_hugging_face(model, config, vocabulary_file, True, tmp_path / "model", "card", tokenizer=settings)
    tokenizer = Tokenizer.from_file(str(tmp_path / "model" / "tokenizer.json"))
    assert tokenizer.encode("BLÅ", add_special_tokens=False).tokens == ["b", "##l", "##å"]


def test_a_vocabulary_of_another_size_is_refused(model, config, tmp_path):
    other = tmp_path / "vocab.txt"
    other.write_text("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nword\n")
    with pytest.raises(UserError, match=f"holds 6 pieces, but the model has vocab_size {config.vocab_size}"):
        save_hugging_face(model, config, other, False, tmp_path / "model", "card")
    assert not (tmp_path / "model").exists()


def test_an_earlier_export_is_replaced_and_anything_else_refused(model, config, vocabulary_file, copy, tmp_path):
    save_hugging_face(model, config, vocabulary_file, False, copy, "# second\n")
    assert (copy / "README.md").read_text() == "# second\n"
    (copy / "added").touch()
    with pytest.raises(UserError, match="added was added to it"):
        save_hugging_face(model, config, vocabulary_file, False, copy, "# third\n")
    assert (copy / "added").exists()
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter_1.tex").touch()
    with pytest.raises(UserError, match="no export that beambert can recognise"):
        save_hugging_face(model, config, vocabulary_file, False, tmp_path / "thesis", "card")
    assert {path.name for path in tmp_path.iterdir()} == {"copy", "thesis"}


def test_an_export_that_reads_back_differently_is_never_seen(model, config, vocabulary_file, tmp_path, monkeypatch):
    kept = hugging_face.turned
    calls = []

    def turned_once_too_often(name, value):
        calls.append(name)
        twice = name == "pooler/kernel" and calls.count(name) == 2
        return kept(name, value).T.copy() if twice else kept(name, value)

    monkeypatch.setattr(hugging_face, "turned", turned_once_too_often)
    with pytest.raises(ExportMismatchError, match="pooler/kernel"):
        save_hugging_face(model, config, vocabulary_file, False, tmp_path / "model", "card")
    assert list(tmp_path.iterdir()) == []


def test_files_of_2018_are_read(copy, model, same_weights):
    def old(tensors):
        renamed = {}
        for name, value in tensors.items():
            for new, before in ((".weight", ".gamma"), (".bias", ".beta")):
                name = name.replace(f"LayerNorm{new}", f"LayerNorm{before}")
            renamed[name] = value
        renamed["bert.embeddings.position_ids"] = np.arange(40)[None]
        renamed["cls.predictions.decoder.weight"] = tensors["bert.embeddings.word_embeddings.weight"].copy()
        renamed["cls.predictions.decoder.bias"] = tensors["cls.predictions.bias"].copy()
        return renamed

    change_tensors(copy, old)
    imported = load_hugging_face(copy)
    same_weights(model, imported)
    assert imported.passed_over == (
        "bert.embeddings.position_ids",
        "cls.predictions.decoder.bias",
        "cls.predictions.decoder.weight",
    )


@pytest.mark.parametrize("prefix", ["module.", "_orig_mod.", "module._orig_mod.", "model."])
def test_names_that_a_wrapper_has_changed_are_read(copy, model, same_weights, prefix):
    change_tensors(copy, lambda tensors: {prefix + name: value for name, value in tensors.items()})
    same_weights(model, load_hugging_face(copy))


def test_weights_in_several_files_are_read(copy, model, same_weights):
    tensors = load_file(copy / "model.safetensors")
    parts = {"a.safetensors": list(tensors)[:10], "b.safetensors": list(tensors)[10:]}
    for name, members in parts.items():
        save_file({member: tensors[member] for member in members}, copy / name)
    index = {"weight_map": {member: name for name, members in parts.items() for member in members}}
    (copy / "model.safetensors").unlink()
    (copy / "model.safetensors.index.json").write_text(json.dumps(index))
    same_weights(model, load_hugging_face(copy))


@pytest.mark.parametrize("dtype", [np.float16, ml_dtypes.bfloat16])
def test_half_precision_is_read_as_float32(copy, dtype):
    expected = load_file(copy / "model.safetensors")["bert.pooler.dense.weight"].astype(dtype).astype(np.float32).T
    change_tensors(copy, lambda tensors: {name: value.astype(dtype) for name, value in tensors.items()})
    np.testing.assert_array_equal(load_hugging_face(copy).weights["pooler/kernel"], expected)


def test_an_encoder_alone_is_read_only_when_its_heads_may_be_missing(copy, model):
    def headless(tensors):
        return {name.removeprefix("bert."): value for name, value in tensors.items() if name.startswith("bert.")}

    change_tensors(copy, headless)
    with pytest.raises(UserError, match=r"lacks cls.predictions.bias.*or allow masked_lm, next_sentence") as raised:
        load_hugging_face(copy)
    assert "\n" not in str(raised.value)
    imported = load_hugging_face(copy, allow_missing=("masked_lm", "next_sentence"))
    assert {name.split("/")[0] for name in imported.initialised} == {"masked_lm", "next_sentence"}
    assert "left as initialised" in imported.describe()
    with pytest.raises(UserError, match="cannot leave encoder as initialised"):
        load_hugging_face(copy, allow_missing=("encoder",))


def without(name):
    return lambda tensors: {key: value for key, value in tensors.items() if key != name}


def replaced(name, change):
    return lambda tensors: {**tensors, name: change(tensors[name])}


QUERY = "bert.encoder.layer.0.attention.self.query.weight"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (without(QUERY), f"lacks {QUERY}; take another checkpoint"),
        (lambda tensors: {**tensors, "bert.extra": np.zeros(3, np.float32)}, "holds bert.extra, which this network"),
        (replaced(QUERY, lambda value: value[:, :16].copy()), rf"{QUERY} \(16, 32\) and not \(32, 32\)"),
        (replaced(QUERY, lambda value: value * np.nan), f"{QUERY} not finite"),
        (
            lambda tensors: {**tensors, "cls.predictions.decoder.bias": tensors["cls.predictions.bias"] + 1},
            "cls.predictions.decoder.bias differs",
        ),
    ],
)
def test_a_checkpoint_that_does_not_fit_is_refused_by_the_names_of_its_tensors(copy, change, message):
    change_tensors(copy, change)
    with pytest.raises(UserError, match=message) as raised:
        load_hugging_face(copy)
    assert str(copy) in str(raised.value)
    assert "\n" not in str(raised.value)


def test_missing_and_damaged_files_are_named(copy):
    (copy / "model.safetensors").write_bytes(b"damaged")
    with pytest.raises(UserError, match=r"model.safetensors: cannot read the weights"):
        load_hugging_face(copy)
    (copy / "model.safetensors").unlink()
    (copy / "pytorch_model.bin").touch()
    with pytest.raises(UserError, match=r"only pickled weights .*, which are never opened here; convert them"):
        load_hugging_face(copy)
    (copy / "config.json").write_text("{")
    with pytest.raises(UserError, match=r"config.json: cannot read it"):
        load_hugging_face(copy)
    (copy / "config.json").unlink()
    with pytest.raises(UserError, match=r"config.json: no such file"):
        load_hugging_face(copy)


def test_the_activation_can_be_set_right(copy):
    assert load_hugging_face(copy, hidden_act="gelu").config.hidden_act == "gelu"


def test_pad_has_the_id_that_the_vocabulary_gives(model, config, vocabulary_file, tmp_path, same_weights):
    pieces = vocabulary_file.read_text().splitlines()
    rotated = tmp_path / "vocab.txt"
    rotated.write_text("".join(f"{piece}\n" for piece in [*pieces[1:4], "[PAD]", *pieces[4:]]))
    save_hugging_face(model, config, rotated, False, tmp_path / "export", "card")
    assert json.loads((tmp_path / "export" / "config.json").read_text())["pad_token_id"] == 3
    assert Tokenizer.from_file(str(tmp_path / "export" / "tokenizer.json")).token_to_id("[PAD]") == 3
    imported = load_hugging_face(tmp_path / "export")
    assert imported.config == config
    same_weights(model, imported)
