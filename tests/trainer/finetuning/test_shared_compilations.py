from pathlib import Path

import jax
import pytest

from trainer.finetuning.shared_compilations import shared_compilations

NAME = "jax_compilation_cache_dir"


@pytest.fixture
def folder_of_jax():
    """Sets JAX's folder for compiled functions for one test."""
    before = jax.config.values[NAME]
    yield lambda folder: jax.config.update(NAME, folder)
    jax.config.update(NAME, before)


def test_compiled_functions_have_a_folder_for_a_while(folder_of_jax):
    folder_of_jax(None)
    with shared_compilations():
        folder = Path(jax.config.values[NAME])
        assert folder.is_dir()
    assert not folder.exists()
    assert jax.config.values[NAME] is None


def test_a_folder_that_was_set_stays(folder_of_jax, tmp_path):
    folder_of_jax(str(tmp_path))
    with shared_compilations():
        assert jax.config.values[NAME] == str(tmp_path)
    assert tmp_path.exists()
