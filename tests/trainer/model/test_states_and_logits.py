import numpy as np
import pytest

from trainer.export.parity import probe_batch
from trainer.export.weight_map import read_weights, weight_path
from trainer.model.bert import build_pretrainer
from trainer.model.config import BertConfig
from trainer.model.states_and_logits import (
    AT_MASKED,
    EVERYWHERE,
    LOGITS,
    NOWHERE,
    STATES,
    build_student,
    build_teacher,
)

CONFIG = BertConfig(64, 16, 2, 2, 32, max_position_embeddings=16, initializer_range=0.2)
BATCH = probe_batch(CONFIG, length=16, predictions=3)


@pytest.fixture(scope="module")
def pretrainer():
    return build_pretrainer(CONFIG, seed=4)


def test_a_student_has_the_weights_of_a_pretrainer(pretrainer):
    student = build_student(CONFIG, where=AT_MASKED, seed=4)
    assert [v.path for v in student.trainable_variables] == [v.path for v in pretrainer.trainable_variables]
    for name, value in read_weights(pretrainer).items():
        np.testing.assert_array_equal(read_weights(student)[name], value)


@pytest.mark.parametrize("where", [AT_MASKED, EVERYWHERE, NOWHERE])
def test_student_and_teacher_give_the_states_and_the_logits_of_a_pretrainer(where, pretrainer):
    states = np.asarray(pretrainer.encoder.sequence_output(BATCH))
    logits = np.asarray(pretrainer(BATCH)["mlm_logits"])
    teacher = build_teacher(CONFIG, where=where)
    weights = read_weights(pretrainer)
    for variable in teacher.trainable_variables:
        variable.assign(weights[weight_path(variable)])
    for model in (build_student(CONFIG, where=where, seed=4), teacher):
        outputs = {name: np.asarray(value) for name, value in model(BATCH).items()}
        np.testing.assert_allclose(outputs[STATES], states, atol=1e-5)
        if where == NOWHERE:
            assert set(outputs) == {STATES}
            continue
        found = outputs[LOGITS]
        if where == EVERYWHERE:
            assert found.shape == (2, 16, 64)
            found = np.take_along_axis(found, BATCH["masked_lm_positions"][:, :, None], axis=1)
        np.testing.assert_allclose(found, logits, atol=1e-4)


def test_a_teacher_has_no_weights_that_it_does_not_need():
    def heads(where):
        return {weight_path(v).split("/")[0] for v in build_teacher(CONFIG, where=where).trainable_variables}

    assert heads(AT_MASKED) == {"embeddings", "encoder", "masked_lm"}
    assert heads(NOWHERE) == {"embeddings", "encoder"}
