import dataclasses

import pytest

from beam_jobs.errors import UserError
from trainer.embeddings.settings import EmbedSettings
from trainer.serving.settings import ServeSettings

GOOD = ServeSettings("model")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"port": 70000}, "--port is 70000: must lie between"),
        ({"host": ""}, "--host is empty"),
        ({"abilities": ("embd",)}, "--only names 'embd'; name some of embed, predict, answer, fill_mask"),
        ({"max_queue": 0}, "--max_queue is 0: must be at least 1"),
        ({"max_batch_tokens": 0}, "--max_batch_tokens is 0"),
        ({"max_body": 10}, "--max_body is 10 bytes"),
        ({"embed": EmbedSettings(per="word")}, "gives a vector for each word; a server gives one for each text"),
        ({"embed": EmbedSettings(pooling="men")}, "--pooling is 'men'"),
    ],
)
def test_what_cannot_be_meant_is_one_line(changes, said):
    with pytest.raises(UserError) as error:
        dataclasses.replace(GOOD, **changes).validate()
    assert said in str(error.value)


def test_the_defaults_are_good_and_local():
    GOOD.validate()
    assert GOOD.local
    assert not dataclasses.replace(GOOD, host="0.0.0.0").local
