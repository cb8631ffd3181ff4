import dataclasses

import pytest

from beam_jobs.errors import UserError
from trainer.export.weight_map import weight_shapes
from trainer.model.config import BertConfig
from trainer.training.follow_checkpoint import differences, follow_checkpoint

HERE = BertConfig(vocab_size=64, hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64)
TRAINING = ("hidden_dropout_prob", "attention_probs_dropout_prob", "initializer_range")  # of how a network is trained


@pytest.mark.parametrize("share_layers", [False, True])
def test_every_key_that_leaves_all_shapes_alone_is_followed(share_layers):
    here = dataclasses.replace(HERE, share_layers=share_layers)
    for field in dataclasses.fields(BertConfig):
        value = getattr(here, field.name)
        if field.name == "model_type":
            continue  # see the next test
        other = (
            "gelu_new" if field.name == "hidden_act" else not value if isinstance(value, bool) else (value or 16) * 2
        )
        there = dataclasses.replace(here, **{field.name: other})
        same = weight_shapes(there) == weight_shapes(here)
        followed = follow_checkpoint(here, there.to_dict(), {}, 64)
        if field.name == "vocab_size":  # 128 rows are 64 padded
            assert followed == there
            assert follow_checkpoint(here, there.to_dict(), {}, 200).vocab_size == 64  # of another vocabulary
            continue
        assert (followed == there) == (same and field.name not in TRAINING), field.name
        assert follow_checkpoint(here, there.to_dict(), {field.name: 1}, 64) == here
        told = list(differences(here, there, {}))
        assert bool(told) == (followed != here)
        assert not told or told[0].startswith(f"{field.name} is {other!r}, as it was trained, and not {value!r}")


def test_a_checkpoint_of_another_family_is_refused():
    roberta = dataclasses.replace(HERE, model_type="roberta")
    with pytest.raises(
        UserError, match="checkpoint is roberta, and the network of this plan and data is a BERT or ALBERT: take"
    ):
        follow_checkpoint(HERE, roberta.to_dict(), {}, 64)
    with pytest.raises(
        UserError, match="checkpoint is a BERT or ALBERT, and the network of this plan and data is roberta: take"
    ):
        follow_checkpoint(roberta, HERE.to_dict(), {}, 64)
    assert follow_checkpoint(roberta, roberta.to_dict(), {}, 64) == roberta


def test_a_key_that_the_plan_names_is_told_as_well():
    there = dataclasses.replace(HERE, num_attention_heads=4)
    (told,) = differences(HERE, there, {"num_attention_heads": 2})
    assert told == "was trained with num_attention_heads 4; 2 is used, because the plan says so"
