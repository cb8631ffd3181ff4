"""The scores of numbers: correlations and errors.

`pearson` is the linear correlation, `spearman` that of the ranks (ties share the mean of their ranks), `mse` and `mae` are
the means of the squared and of the absolute errors. Of numbers that are all equal there is no correlation; it counts as 0.
"""

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np


def scores(gold: Sequence[float], predicted: Sequence[float]) -> dict[str, Any]:
    """What `scores.json` has of a regression: `examples`, and `scores` by name."""
    from scipy.stats import pearsonr, spearmanr
    from sklearn.metrics import mean_absolute_error, mean_squared_error

    wanted, given = np.asarray(gold, np.float64), np.asarray(predicted, np.float64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of equal numbers, whose correlation is NaN
        related = len(wanted) > 1
        pearson = float(pearsonr(wanted, given).statistic) if related else 0.0
        spearman = float(spearmanr(wanted, given).statistic) if related else 0.0
    return {
        "examples": len(wanted),
        "scores": {
            "pearson": pearson if np.isfinite(pearson) else 0.0,
            "spearman": spearman if np.isfinite(spearman) else 0.0,
            "mse": float(mean_squared_error(wanted, given)),
            "mae": float(mean_absolute_error(wanted, given)),
        },
    }
