import pytest

from beam_jobs.settings import EmbedSettings, settings_hash


def problems(**changes):
    return [
        name for name, _ in EmbedSettings(**{"input": ("in",), "output": "out", "model": "m", **changes}).problems()
    ]


def test_the_defaults_are_allowed():
    assert problems() == []


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"model": ""}, "model"),
        ({"pooling": "median"}, "pooling"),
        ({"per": "line"}, "per"),
        ({"normalize": "maybe"}, "normalize"),
        ({"text_field": ""}, "text_field"),
        ({"batch": 0}, "batch"),
        ({"max_rejected": 2.0}, "max_rejected"),
        ({"max_num_cpus": -1}, "max_num_cpus"),
        ({"output": ""}, "output"),
    ],
)
def test_what_is_not(changes, name):
    assert problems(**changes)[:1] == [name]


def test_the_place_of_the_model_does_not_decide_the_vectors():
    assert settings_hash(EmbedSettings(model="a")) == settings_hash(EmbedSettings(model="b"))
    assert settings_hash(EmbedSettings(pooling="cls")) != settings_hash(EmbedSettings())
