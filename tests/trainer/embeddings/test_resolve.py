import dataclasses
from pathlib import Path

import pytest

from beam_jobs.errors import UserError
from trainer.embeddings.resolve import resolve
from trainer.embeddings.sentence_folder import SentenceFolder
from trainer.embeddings.settings import EmbedSettings

SENTENCE = SentenceFolder(Path("m"), "cls", True, 128, False, "", "")


def resolved(sentence=SENTENCE, longest=512, **settings):
    found = resolve(EmbedSettings(**settings), sentence, longest, "m")
    return found.pooling, found.normalize, found.max_seq_length


def test_a_plain_model_pools_by_the_mean_and_reads_all_that_it_can():
    assert resolved(None) == ("mean", False, 512)
    assert resolved(None, per="piece") == ("none", False, 512)


def test_the_folder_of_sentence_transformers_says_the_defaults_and_the_user_overrides_them():
    assert resolved() == ("cls", True, 128)
    assert resolved(pooling="max", normalize=False, max_seq_length=300) == ("max", False, 300)
    assert resolved(longest=64) == ("cls", True, 64)


def test_words_and_pieces_do_not_follow_the_folder():
    assert resolved(per="word") == ("mean", False, 128)
    assert resolved(pooling="none", normalize=True) == ("none", True, 128)


def test_what_is_not_known_here_is_refused_unless_the_user_pools():
    dense = dataclasses.replace(SENTENCE, unknown="a module Dense")
    with pytest.raises(
        UserError, match="m: its vectors come from a module Dense, which embed does not compute; name a"
    ):
        resolved(dense)
    assert resolved(dense, pooling="mean") == ("mean", True, 128)


def test_a_row_that_the_model_cannot_read_is_refused():
    with pytest.raises(UserError, match="--max_seq_length is 513, but the model reads at most 512 pieces"):
        resolved(max_seq_length=513)
