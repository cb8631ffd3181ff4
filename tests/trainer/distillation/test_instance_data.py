import numpy as np
import pytest
from tiny_students import plan

from beam_jobs.errors import UserError
from trainer.devices.runtime import current_runtime
from trainer.distillation.instance_data import instance_data, without_masks
from trainer.distillation.teacher import read_teacher
from trainer.plans.distillation import Distillation


def test_without_masks_a_batch_has_the_text():
    batch = {
        "input_ids": np.array([[2, 4, 9, 4, 3], [2, 4, 3, 0, 0]], np.int32),
        "masked_lm_positions": np.array([[1, 3], [1, 0]], np.int32),
        "masked_lm_ids": np.array([[7, 8], [6, 0]], np.int32),
        "masked_lm_weights": np.array([[1, 1], [1, 0]], np.float32),
    }
    found = without_masks(batch)
    np.testing.assert_array_equal(found["input_ids"], [[2, 7, 9, 8, 3], [2, 6, 3, 0, 0]])
    assert batch["input_ids"][0, 1] == 4, "the batch itself is not changed"


def test_the_batches_are_those_of_pretraining_or_the_text_without_masks(teacher, make_folder):
    read = read_teacher(teacher, Distillation())
    batches = {}
    for masks in (True, False):
        data = instance_data(plan(), [str(make_folder())], read, masks=masks)
        phase = data.open(data.plan, [8], current_runtime())[0]
        batches[masks] = next(phase.train(2)), next(phase.evaluation())
    mask = read.vocabulary.index("[MASK]")
    for masked, whole in zip(batches[True], batches[False], strict=True):
        assert (masked["input_ids"] == mask).any()
        assert not (whole["input_ids"] == mask).any()
        np.testing.assert_array_equal(without_masks(masked)["input_ids"], whole["input_ids"])
    assert set(data.kept) == {"vocab.txt"}
    assert data.plan.phases[0].max_predictions == 10, "as the records have it"


def test_a_folder_without_instances_is_named(teacher, tmp_path):
    (tmp_path / "a").write_text("")
    with pytest.raises(UserError, match="no instance records"):
        instance_data(plan(), [str(tmp_path)], read_teacher(teacher, Distillation()), masks=True)
