import dataclasses
import sys
from pathlib import Path

import numpy as np
import pytest

from trainer.export.finetuned.save_finetuned import save_finetuned
from trainer.model.task_heads import build_with_task_head

sys.path.insert(0, str(Path(__file__).parent))
from finetuned_forms import FORMS


@pytest.fixture(params=FORMS)
def form(request):
    return FORMS[request.param]


@pytest.fixture(scope="session")
def build_finetuned(config):
    """A model with the head of a form; no weight is at a value that a mistake could hide behind."""

    def build(form, **changes):
        model = build_with_task_head(form.head, dataclasses.replace(config, **changes))
        draws = np.random.default_rng(5)
        for variable in model.trainable_variables:
            value = draws.standard_normal(variable.shape) * 0.16
            variable.assign((value + (variable.name == "gamma")).astype(np.float32))
        return model

    return build


@pytest.fixture(scope="session")
def save(vocabulary_file):
    def save(model, form, folder):
        files = {"vocab.txt": vocabulary_file.read_bytes()}
        return save_finetuned(
            model,
            form,
            folder,
            head_dropout=0.1,
            pad_id=model.config.family.first_position and 1,
            card="# card\n",
            files=files,
        )

    return save
