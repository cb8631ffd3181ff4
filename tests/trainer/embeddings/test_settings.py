import pytest

from beam_jobs.errors import UserError
from trainer.embeddings.settings import EmbedSettings


def test_what_gets_a_vector_follows_from_the_pooling():
    assert EmbedSettings().unit == EmbedSettings(pooling="cls").unit == "text"
    assert EmbedSettings(pooling="none").unit == EmbedSettings(per="piece").unit == "piece"


def test_settings_are_told_in_words():
    settings = EmbedSettings(pooling="mean", layers="-4:-1", combine="sum", per="word", normalize=True)
    assert settings.told == "mean vectors for each word, sum of layers -4:-1, normalized,"
    assert EmbedSettings(pooling="none").told == "vectors for each piece, layer -1,"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"pooling": "median"}, "--pooling is 'median'; name one of mean, cls, max, pooler, none"),
        ({"combine": "all"}, "--combine is 'all'; name one of last, mean, sum, concat"),
        ({"per": "sentence"}, "--per is 'sentence'; name one of text, word, piece"),
        ({"batch": 0}, "--batch is 0: must be at least 1"),
        ({"max_seq_length": 2}, "--max_seq_length is 2: leaves no room"),
        ({"pooling": "none", "per": "word"}, "--pooling none gives a vector for each piece, not for each word"),
        ({"pooling": "mean", "per": "piece"}, "--pooling is mean, but with --per piece nothing is pooled"),
        ({"pooling": "cls", "per": "word"}, "--pooling is cls, but the pieces of a word are pooled by mean or max"),
        ({"pooling": "pooler", "layers": "-2"}, "--pooling pooler reads the last layer only"),
        ({"pooling": "pooler", "combine": "sum"}, "--pooling pooler reads the last layer only"),
    ],
)
def test_mistakes_are_one_line(settings, said):
    with pytest.raises(UserError) as error:
        EmbedSettings(**settings).validate()
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_what_is_given_is_valid():
    EmbedSettings(pooling="pooler").validate()
    EmbedSettings(pooling="max", per="word", layers="all", combine="concat", max_seq_length=3).validate()
