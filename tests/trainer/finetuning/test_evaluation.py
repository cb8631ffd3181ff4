import numpy as np
import pytest

from trainer.devices.runtime import current_runtime
from trainer.examples.example_batches import ExampleBatches
from trainer.finetuning.evaluation import dev_evaluator, logits_of_rows, make_forward, state_of
from trainer.finetuning.prepare import prepare

pytestmark = pytest.mark.usefixtures("quick_compilation")


@pytest.fixture(scope="module")
def prepared(settings_of):
    return prepare(settings_of("tag", "out"))


@pytest.fixture(scope="module")
def model(prepared):
    return prepared.task.build(prepared.start.imported.config, seed=1)


def test_each_row_has_its_logits_whatever_the_batch(prepared, model):
    forward = make_forward(model, prepared.task, current_runtime(), labelled=False)
    fields, found = prepared.dev.encoded.fields, []
    for batch, buckets in ((8, prepared.buckets), (5, (16,))):
        logits, sums = logits_of_rows(forward, state_of(model), ExampleBatches(fields, buckets, batch), fields.lengths)
        assert ([len(values) for values in logits], sums) == (list(fields.lengths), {})
        found.append(np.concatenate(logits))
    np.testing.assert_allclose(found[0], found[1], atol=1e-5)


def test_the_dev_set_is_scored_by_every_name(prepared, model):
    batches = ExampleBatches(prepared.dev.encoded.fields, prepared.buckets, 8)
    evaluate = dev_evaluator(prepared.data, prepared.dev, batches)(model, prepared.task, current_runtime())
    figures = evaluate(state_of(model))
    assert {"loss", "accuracy", "micro_f1", "strict_micro_f1", "instances"} <= set(figures)
    assert figures["instances"] == 24
    assert figures["loss"] == pytest.approx(np.log(5), rel=0.6)
    assert evaluate(state_of(model)) == figures
