import warnings

import pytest

from trainer.scores import regression


def test_by_hand():
    found = regression.scores([1, 2, 3, 4], [2, 2, 4, 8])
    assert found["examples"] == 4
    assert found["scores"]["mse"] == (1 + 0 + 1 + 16) / 4
    assert found["scores"]["mae"] == (1 + 0 + 1 + 4) / 4
    assert found["scores"]["pearson"] == pytest.approx(10 / (5 * 24) ** 0.5)  # sums of products about the means
    assert found["scores"]["spearman"] == pytest.approx(4.5 / (5 * 4.5) ** 0.5)  # of ranks 1.5, 1.5, 3, 4


@pytest.mark.parametrize(("gold", "predicted"), [([1, 2, 3], [0.1, 0.1, 0.1]), ([5, 5], [1, 2]), ([1], [1])])
def test_equal_numbers_are_correlated_with_nothing(gold, predicted):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = regression.scores(gold, predicted)["scores"]
    assert found["pearson"] == found["spearman"] == 0
