"""Vectors against the real transformers and sentence-transformers, where they are installed."""

from pathlib import Path

import numpy as np
import pytest
from tiny_models import GOLDEN_MODELS, TEXTS

pytest.importorskip("torch")
pytest.importorskip("transformers")


@pytest.mark.parametrize("name", GOLDEN_MODELS)
def test_the_golden_file_is_what_transformers_computes_now(name, folder_of):
    from make_golden_vectors import GOLDEN, theirs

    found = theirs(Path(folder_of(name)))
    with np.load(GOLDEN / f"{name}.npz") as golden:
        assert set(golden) == set(found)
        for key in golden:
            np.testing.assert_allclose(found[key], golden[key], rtol=0, atol=1e-5, err_msg=key)


@pytest.mark.parametrize("name", GOLDEN_MODELS)
def test_vectors_are_those_of_transformers(name, folder_of, embedder_of):
    from make_golden_vectors import theirs

    found = theirs(Path(folder_of(name)))
    wanted = np.stack([found[f"mean_{number}"] for number in range(len(TEXTS))])
    np.testing.assert_allclose(embedder_of(name).embed(TEXTS).vectors, wanted, rtol=0, atol=1e-6)


def test_sentence_transformers_loads_the_folder_and_gives_the_same(folder_of, embedder_of):
    library = pytest.importorskip("sentence_transformers")
    theirs = library.SentenceTransformer(folder_of("sentences"), device="cpu").encode(list(TEXTS))
    np.testing.assert_allclose(embedder_of("sentences").embed(TEXTS).vectors, theirs, rtol=0, atol=1e-6)
