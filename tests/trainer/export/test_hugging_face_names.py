"""One layout for every family; the names themselves are listed in `layouts/`, which test_layouts.py reads."""

import dataclasses

import pytest

from beam_jobs.errors import UserError
from trainer.export.hugging_face_names import LAYOUTS, hugging_face_config, layout_of, tensor_names
from trainer.model.config import BertConfig
from trainer.model.family import FAMILIES

BERT = BertConfig(vocab_size=40, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32)
ALBERT = dataclasses.replace(BERT, embedding_size=8, share_layers=True)


def test_every_family_has_a_layout():
    assert list(LAYOUTS) == list(FAMILIES)
    assert layout_of(BERT).architecture == "BertForPreTraining"
    assert layout_of(ALBERT).architecture == "AlbertForPreTraining"


def test_the_encoders_names_have_the_familys_prefix():
    for config, prefix in ((BERT, "bert."), (ALBERT, "albert.")):
        for ours, theirs in tensor_names(config).items():
            assert theirs.startswith(prefix) == (not ours.startswith(("masked_lm", "next_sentence"))), ours


@pytest.mark.parametrize("config", [BERT, ALBERT, dataclasses.replace(ALBERT, share_layers=False)])
def test_a_config_file_reads_back_as_it_was(config):
    content = hugging_face_config(config, pad_id=3)
    assert BertConfig.from_dict(content) == config
    assert content["model_type"] == config.family.name
    assert content["pad_token_id"] == 3
    assert ("embedding_size" in content) == (config is not BERT)


def test_hugging_face_has_no_bert_with_shared_layers():
    with pytest.raises(UserError, match="set embedding_size, which makes it an ALBERT"):
        hugging_face_config(dataclasses.replace(BERT, share_layers=True))
