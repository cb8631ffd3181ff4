"""What people lost on plans and model classes that did not say what they meant."""

import json

import pytest

from trainer.__main__ import main
from vocab.model_class import BERT_BASE_CONFIG, load_model_class

PLAN = """\
name = "mine"
[model]
model_class = "bert_base_cased"
config = {{ {config} }}
[[phase]]
name = "only"
sequence_length = 128
batch = 8
steps = 20
learning_rate = {{ peak = {peak} }}
"""


@pytest.fixture
def show(tmp_path, capsys):
    """Writes a plan and shows it: the exit status, what was printed, and the last line of the errors."""

    def run(config="num_hidden_layers = 2", peak="1e-3", text=PLAN):
        path = tmp_path / "mine.toml"
        path.write_text(text.format(config=config, peak=peak))
        status = main(["plan", "show", str(path), "--device", "H100"])
        printed = capsys.readouterr()
        assert printed.err.count("\n") <= 1, printed.err
        return status, printed.out, printed.err.strip()

    return run


def test_a_misspelt_key_of_the_network_is_refused_with_its_line(show):
    """Somebody wrote num_hidden_layer for a model of 2 layers, and paid for 12."""
    status, printed, _ = show("num_hidden_layers = 2")
    assert status == 0
    assert ": L2 H768 A12" in printed
    status, printed, error = show("num_hidden_layer = 2")
    assert (status, printed) == (2, "")
    assert "mine.toml:4: model.config.num_hidden_layer " in error
    assert "did you mean num_hidden_layers?" in error


@pytest.mark.parametrize(
    ("config", "line", "message"),
    [
        ('hidden_size = "256"', 4, "model.config.hidden_size is '256' and must be a whole number"),
        ("hidden_dropout_prob = nan", 4, "model.config.hidden_dropout_prob is nan and must be a number"),
        ("initializer_range = inf", 4, "model.config.initializer_range is inf and must be"),
        ('hidden_act = "relu"', 4, "model.config.hidden_act 'relu' must be 'gelu'"),
        ('hidden_act = ["gelu"]', 4, "model.config.hidden_act ['gelu'] must be 'gelu'"),
        ("is_decoder = true", 4, "model.config.is_decoder is True"),
        ("dropout = 0.1", 4, "model.config.dropout is no setting of the network"),
    ],
)
def test_a_value_that_the_network_cannot_have_is_refused_with_its_line(show, config, line, message):
    """Settings of a network that no network can have came out as a traceback, or not at all."""
    status, _, error = show(config)
    assert status == 2
    assert f"mine.toml:{line}: " in error
    assert message in error


def test_a_misspelt_key_of_a_table_of_the_network_is_refused_with_its_line(show):
    """The same slip in a table of its own instead of an inline one."""
    text = PLAN.replace("config = {{ {config} }}", "[model.config]\nnum_hidden_layers = 2\n{config}")
    status, _, error = show("num_atention_heads = 12", text=text)
    assert status == 2
    assert "mine.toml:6: model.config.num_atention_heads " in error
    assert "did you mean num_attention_heads?" in error


@pytest.mark.parametrize("peak", ["nan", "inf", "-inf", "1" + "0" * 400])
def test_settings_that_are_no_finite_number_are_refused_with_their_line(show, peak):
    """A script computed a learning rate of nan and wrote it into the plan, and every weight became nan."""
    status, _, error = show(peak=peak)
    assert status == 2
    assert "mine.toml:10: phase.learning_rate.peak = " in error
    assert "must be a finite number" in error


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"lowercase": True}, "unknown key lowercase; known are name"),
        ({"lowercase": True}, "did you mean lower_case?"),
        ({"config": {**BERT_BASE_CONFIG, "num_hidden_layer": 2}}, "unknown key config.num_hidden_layer"),
        ({"config": {**BERT_BASE_CONFIG, "num_hidden_layer": 2}}, "did you mean num_hidden_layers?"),
    ],
)
def test_a_misspelt_key_of_a_model_class_is_refused(tmp_path, capsys, change, message):
    """The same slip in a model class file, beside the right key that the class was copied with."""
    path = tmp_path / "mine.json"
    content = {
        "name": "mine",
        "lower_case": False,
        "vocab_size": 100,
        "vocab_uri": "",
        "config": dict(BERT_BASE_CONFIG),
    }
    path.write_text(json.dumps(content))
    assert main(["plan", "show", "demo", "--model_class", str(path), "--device", "H100"]) == 0
    path.write_text(json.dumps({**content, **change}))
    assert main(["plan", "show", "demo", "--model_class", str(path), "--device", "H100"]) == 2
    assert f"{path}: " in (error := capsys.readouterr().err)
    assert message in error


def test_foreign_config_files_keep_their_many_keys_but_no_slip(tmp_path, capsys):
    """A published config.json holds keys of every kind; one edited by hand had lost an s."""
    (tmp_path / "tokenizer_config.json").write_text('{"do_lower_case": false}')
    path = tmp_path / "config.json"
    published = {**BERT_BASE_CONFIG, "vocab_size": 100, "architectures": ["BertForMaskedLM"], "quantization_config": {}}
    path.write_text(json.dumps({**published, "pooler_num_attention_heads": 12, "_name_or_path": "x", "head_dim": 64}))
    assert load_model_class(path).vocab_size == 100
    edited = {key: value for key, value in published.items() if key != "num_hidden_layers"} | {"num_hidden_layer": 2}
    path.write_text(json.dumps(edited))
    assert main(["plan", "show", "demo", "--model_class", str(path), "--device", "H100"]) == 2
    assert "config.json: unknown key num_hidden_layer; did you mean num_hidden_layers?" in capsys.readouterr().err
