"""Vectors that transformers computed (`golden/`, by `make_golden_vectors.py`), without it: every layer, mean and pooler, within 1e-6."""

from pathlib import Path

import numpy as np
import pytest
from tiny_models import GOLDEN_MODELS, TEXTS

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("name", GOLDEN_MODELS)
def test_vectors_are_those_of_transformers(name, embedder_of):
    with np.load(GOLDEN / f"{name}.npz") as golden:
        states = embedder_of(name, per="piece", layers="all", combine="concat").embed(TEXTS)
        for number, text in enumerate(states.texts):
            layers = np.moveaxis(golden[f"states_{number}"], 0, 1)
            wanted = layers.reshape(len(layers), -1)  # the layers of each piece side by side
            np.testing.assert_allclose(
                text.vectors, wanted, rtol=0, atol=1e-6 * np.abs(wanted).max(), err_msg=str(number)
            )
        for pooling in ("mean", "pooler"):
            wanted = np.stack([golden[f"{pooling}_{number}"] for number in range(len(TEXTS))])
            found = embedder_of(name, pooling=pooling).embed(TEXTS).vectors
            np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-6, err_msg=pooling)
