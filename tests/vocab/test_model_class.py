import json

import pytest

from beam_jobs.errors import UserError
from vocab.model_class import BERT_BASE_CONFIG, ModelClass, built_in_names, load_model_class

GOOD = {
    "name": "mine",
    "lower_case": False,
    "vocab_size": 100,
    "vocab_uri": "vocab.txt",
    "config": dict(BERT_BASE_CONFIG),
}


def write(folder, content, name="mine.json"):
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


@pytest.mark.parametrize(
    ("name", "vocab_size", "lower_case", "layers", "hidden", "heads", "whole_word"),
    [
        ("bert_multi_cased", 119_547, False, 12, 768, 12, True),
        ("bert_base_cased", 28_996, False, 12, 768, 12, False),
        ("bert_base_uncased", 30_522, True, 12, 768, 12, False),
        ("bert_base_chinese", 21_128, True, 12, 768, 12, False),
        ("bert_large_cased", 28_996, False, 24, 1024, 16, False),
        ("bert_large_uncased", 30_522, True, 24, 1024, 16, False),
        ("bert_large_cased_wwm", 28_996, False, 24, 1024, 16, True),
        ("bert_large_uncased_wwm", 30_522, True, 24, 1024, 16, True),
    ],
)
def test_published_classes(name, vocab_size, lower_case, layers, hidden, heads, whole_word):
    model_class = load_model_class(name)
    assert (model_class.name, model_class.vocab_size, model_class.lower_case) == (name, vocab_size, lower_case)
    config = model_class.config
    assert (config["num_hidden_layers"], config["hidden_size"], config["num_attention_heads"]) == (
        layers,
        hidden,
        heads,
    )
    assert config["intermediate_size"] == 4 * hidden
    assert (config["hidden_dropout_prob"], config["attention_probs_dropout_prob"]) == (0.1, 0.1)
    assert (config["max_position_embeddings"], config["type_vocab_size"]) == (512, 2)
    assert (config["initializer_range"], config["hidden_act"]) == (0.02, "gelu_new")
    assert model_class.whole_word_masking is whole_word
    assert len(model_class.vocab_sha256) == 64
    assert model_class.vocab_uri.startswith("https://")


def test_every_built_in_class_is_tested():
    assert len(built_in_names()) == 8


def test_own_class_round_trip_with_its_vocabulary_beside_it(tmp_path):
    path = write(tmp_path, GOOD)
    model_class = load_model_class(path)
    assert model_class.vocab_uri == str(tmp_path / "vocab.txt")
    assert model_class.config["vocab_size"] == 100
    again = load_model_class(write(tmp_path, model_class.to_json(), "again.json"))
    assert again == model_class


@pytest.mark.parametrize("uri", ["https://host/v.txt", "gs://bucket/v.txt", "/abs/v.txt", "file:///abs/v.txt"])
def test_absolute_vocabulary_addresses_stay(tmp_path, uri):
    assert load_model_class(write(tmp_path, {**GOOD, "vocab_uri": uri})).vocab_uri == uri


def test_class_at_a_uri_has_its_vocabulary_beside_it(web_server):
    web_server.files["/models/mine.json"] = (json.dumps(GOOD).encode(), None)
    model_class = load_model_class(web_server.address + "/models/mine.json")
    assert model_class.vocab_uri == web_server.address + "/models/vocab.txt"


def test_a_published_model_folder_is_a_class(tmp_path):
    folder = tmp_path / "norbert"
    folder.mkdir()
    config = {**BERT_BASE_CONFIG, "vocab_size": 50_000, "architectures": ["BertForMaskedLM"]}
    path = write(folder, config, "config.json")
    with pytest.raises(
        UserError, match=r"config\.json: cannot tell whether the model lower-cases; put a tokenizer_config"
    ):
        load_model_class(path)
    write(folder, {"do_lower_case": False}, "tokenizer_config.json")
    model_class = load_model_class(path)
    assert (model_class.name, model_class.lower_case, model_class.vocab_size) == ("norbert", False, 50_000)
    assert model_class.vocab_uri == str(folder / "vocab.txt")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"lower_case": "no"}, "lower_case is 'no' and must be true or false"),
        ({"vocab_size": True}, "vocab_size is True and must be a whole number"),
        ({"vocab_size": 0}, r"config\.vocab_size is 0 and must be a whole number above 0"),
        ({"name": ""}, "name '' must be a plain name"),
        ({"name": "../up"}, "must be a plain name"),
        ({"vocab_sha": "1"}, "unknown key vocab_sha; known are name"),
        ({"vocab_sha256": "ABC"}, "vocab_sha256 'ABC' must be 64 lower-case hexadecimal digits"),
        ({"config": {**BERT_BASE_CONFIG, "vocab_size": 99}}, r"vocab_size is 100 but config\.vocab_size is 99"),
        (
            {"config": {**BERT_BASE_CONFIG, "hidden_size": 770}},
            "hidden_size 770 must be a multiple of num_attention_heads 12",
        ),
        ({"config": {**BERT_BASE_CONFIG, "num_hidden_layers": 0}}, r"config\.num_hidden_layers is 0"),
        ({"config": {**BERT_BASE_CONFIG, "hidden_dropout_prob": 1.5}}, r"config\.hidden_dropout_prob is 1\.5"),
        ({"config": {**BERT_BASE_CONFIG, "pad_token_id": 100}}, r"config\.pad_token_id is 100 and must be the id of a"),
        ({"config": {}}, r"config\.hidden_size is None"),
    ],
)
def test_bad_classes_are_refused_naming_file_and_key(tmp_path, change, message):
    path = write(tmp_path, {**GOOD, **change})
    with pytest.raises(UserError, match=message) as error:
        load_model_class(path)
    assert str(error.value).startswith(f"{path}: ")


@pytest.mark.parametrize("key", ["name", "lower_case", "vocab_size", "vocab_uri", "config"])
def test_missing_keys_are_named(tmp_path, key):
    content = {name: value for name, value in GOOD.items() if name != key}
    with pytest.raises(UserError, match=f"key {key} is missing"):
        load_model_class(write(tmp_path, content))


def test_unknown_names_and_unreadable_files(tmp_path):
    with pytest.raises(
        UserError, match=r"no model class 'bert_huge'; name a \.json file of your own, or one of bert_base"
    ):
        load_model_class("bert_huge")
    with pytest.raises(UserError, match=r"none\.json: no such model-class file"):
        load_model_class(tmp_path / "none.json")
    with pytest.raises(UserError, match="not valid JSON"):
        load_model_class(write(tmp_path, "{"))
    with pytest.raises(UserError, match="must be a JSON object"):
        load_model_class(write(tmp_path, "[]"))


def test_vocabulary_of_another_size_is_refused():
    model_class = ModelClass("mine", False, 100, "", {**BERT_BASE_CONFIG, "vocab_size": 100})
    model_class.require_size(100, "v.txt")
    with pytest.raises(UserError, match=r"v\.txt: holds 99 pieces, but model class mine has vocab_size 100"):
        model_class.require_size(99, "v.txt")
