import pytest

from trainer.data.batch_settings import BatchSettings
from trainer.data.parse import Shape


@pytest.mark.parametrize(("on_corrupt", "tolerant"), [("error", False), ("skip", True)])
def test_what_is_done_about_damage(on_corrupt, tolerant):
    assert BatchSettings(8, 2, 4, 0, on_corrupt=on_corrupt).tolerant is tolerant


def test_the_shape_that_records_must_fit():
    assert BatchSettings(128, 20, 4, 0, vocab_size=99, segments=3, labels=4).shape == Shape(128, 20, 99, 3, 4)
    assert BatchSettings(128, 20, 4, 0).shape == Shape(128, 20, 0, 2, 2)
