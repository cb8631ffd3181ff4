import dataclasses

import yaml
from huggingface_hub import ModelCard

from trainer.export.card_metadata import CardMetadata
from trainer.export.model_card import model_card
from trainer.model.size import parameter_count, pretraining_heads


def test_a_card_says_what_the_run_knew(config):
    stats = {
        "counts": {"default": {"num_documents": 40_810_085, "num_instances": 1_216_064_986}},
        "max_seq_length": 128,
        "masked_lm_prob": 0.15,
        "dupe_factor": 3,
    }
    card = model_card(
        "nb-bert-tiny",
        config,
        lower_case=False,
        told=CardMetadata(
            language="no", license="cc0-1.0", base_model="google-bert/bert-base-cased", datasets=("x/y",)
        ),
        corpus_stats=stats,
        plan='model = "tiny"\n',
        results={"masked-LM accuracy": 0.58812, "masked-LM loss": 2.123456},
    )
    block = yaml.safe_load(card.split("---")[1])
    assert (block["language"], block["library_name"], block["license"]) == ("no", "transformers", "cc0-1.0")
    assert (block["base_model"], block["datasets"]) == ("google-bert/bert-base-cased", ["x/y"])
    for part in (
        "# nb-bert-tiny",
        "| documents | 40,810,085 |",
        "| instances | 1,216,064,986 |",
        "| masked-LM accuracy | 0.5881 |",
        '```toml\nmodel = "tiny"\n```',
        "| GELU | tanh form (`gelu_new`) |",
        f"| parameters | {parameter_count(config, pretraining_heads(config)):,} |",
        "100 WordPieces, cased",
    ):
        assert part in card, part
    read = ModelCard(card).data  # as the hub reads it
    assert {result.metric_type: result.metric_value for result in read.eval_results} == {
        "accuracy": 0.58812,
        "loss": 2.123456,
    }
    assert read.model_name == "nb-bert-tiny"


def test_a_card_without_a_run_leaves_its_sections_out(config):
    card = model_card("x", dataclasses.replace(config, hidden_act="gelu", embedding_size=16), lower_case=True)
    assert "A ALBERT" not in card
    assert "ALBERT" in card
    assert "erf form" in card
    assert "lower-cased" in card
    for section in ("Results", "Training data", "Training plan", "language:"):
        assert section not in card


def test_a_card_says_what_was_not_trained_and_where_a_model_comes_from(config):
    card = model_card(
        "x", config, lower_case=True, origin="a checkpoint in Hugging Face layout", untrained=("masked_lm", "pooler")
    )
    assert "converted with beambert from a checkpoint in Hugging Face layout: encoder and next-sentence head." in card
    assert "**Not trained: pooler, masked-LM head.**" in card
    assert "fill-mask" not in card
    assert "trained with beambert: encoder, pooler, masked-LM head and next-sentence head." in model_card(
        "x", config, lower_case=True
    )
