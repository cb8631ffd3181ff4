import pytest

from beam_jobs.errors import UserError
from trainer.distillation.layers import chosen_layers, evenly
from trainer.plans.distillation import Distillation


@pytest.mark.parametrize(
    ("layers", "count", "expected"),
    [
        (12, 6, (0, 2, 4, 7, 9, 11)),  # DistilBERT's
        (6, 3, (0, 2, 5)),
        (4, 2, (0, 3)),
        (12, 1, (11,)),
        (2, 1, (1,)),
        (3, 3, (0, 1, 2)),
    ],
)
def test_the_layers_are_spread_evenly(layers, count, expected):
    assert evenly(layers, count) == expected


def test_they_ascend_and_the_last_is_always_among_them():
    for layers in range(1, 30):
        for count in range(1, layers + 1):
            found = evenly(layers, count)
            assert len(set(found)) == count
            assert list(found) == sorted(found)
            assert found[-1] == layers - 1
            assert count == 1 or found[0] == 0


def test_half_of_the_layers_unless_the_plan_says_more():
    assert chosen_layers(Distillation(), 5, "t") == (0, 4)
    assert chosen_layers(Distillation(), 1, "t") == (0,)
    assert chosen_layers(Distillation(layers=4), 5, "t") == (0, 1, 3, 4)
    assert chosen_layers(Distillation(from_layers=(1, 3)), 5, "t") == (1, 3)


def test_layers_that_the_teacher_does_not_have():
    with pytest.raises(UserError, match="names layer 5, but some/teacher has the layers 0 to 4"):
        chosen_layers(Distillation(from_layers=(1, 5)), 5, "some/teacher")
    with pytest.raises(UserError, match="layers is 6, but some/teacher has only 5"):
        chosen_layers(Distillation(layers=6), 5, "some/teacher")
