import dataclasses

from trainer.model.config import _FIXED, BertConfig
from vocab.model_class import BERT_BASE_CONFIG
from vocab.network_keys import NETWORK_KEYS, misspelt_keys, unknown_keys


def test_the_keys_are_those_that_the_trainer_reads():
    fields = {field.name for field in dataclasses.fields(BertConfig)} - {"next_sentence_labels"}  # the data decides it
    assert set(NETWORK_KEYS) == fields | set(_FIXED) | {"model_type", "num_hidden_groups"}
    assert not unknown_keys(BERT_BASE_CONFIG)


def test_published_bert_configs_of_every_tool_hold_no_unknown_key():
    transformers = ["architectures", "classifier_dropout", "gradient_checkpointing", "torch_dtype", "use_cache"]
    google = ["directionality", "pooler_fc_size", "pooler_num_attention_heads", "pooler_size_per_head", "pooler_type"]
    assert unknown_keys([*transformers, *google, "num_hidden_layer"]) == ["num_hidden_layer"]


def test_a_slip_is_an_unknown_key_like_one_that_is_absent():
    assert misspelt_keys({"num_hidden_layer": 2}) == {"num_hidden_layer": "num_hidden_layers"}
    assert misspelt_keys({"num_hidden_layer": 2, "num_hidden_layers": 2}) == {}
    assert misspelt_keys({"pooler_num_attention_heads": 2, "quantization_config": {}, "d_model": 3}) == {}
