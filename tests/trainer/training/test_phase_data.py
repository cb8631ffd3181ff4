"""Which rows a phase is evaluated on: the same whatever they are split into."""

from types import SimpleNamespace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from trainer.plans.settings import Evaluation
from trainer.training.phase_data import _evaluation


class Rows:
    """Held-out rows numbered from 1, without end as those of a BatchSource are."""

    def __init__(self, rows, size=1):
        self.rows, self.size = rows, size

    def with_batch_size(self, size):
        return Rows(self.rows, size)

    def batches(self, start, local_rows):
        assert len(local_rows) == self.size
        at = start * self.size
        while True:
            numbers = (np.arange(at, at + self.size) % self.rows + 1).astype(np.int32)
            yield {"input_ids": numbers[:, None], "masked_lm_weights": np.ones((self.size, 2), np.float32)}
            at += self.size


@given(
    rows=st.integers(1, 100),
    devices=st.integers(1, 8),
    rows_a_device=st.integers(1, 8),
    micro_batches=st.integers(1, 4),
    batches=st.integers(1, 5),
)
def test_the_first_rows_of_the_split_and_no_others(rows, devices, rows_a_device, micro_batches, batches):
    most_rows = devices * rows_a_device
    phase = SimpleNamespace(batch=most_rows * micro_batches, evaluation=Evaluation(batches=batches))
    runtime = SimpleNamespace(device_count=devices, local_rows=lambda rows, micro_batches: np.ones(rows, bool))
    evaluation = _evaluation(Rows(rows), phase, most_rows, runtime)
    for _ in range(2):
        found = list(evaluation())
        (size,) = {len(batch["input_ids"]) for batch in found}
        assert size % devices == 0
        assert size <= most_rows
        numbers = np.concatenate([batch["input_ids"][:, 0] for batch in found])
        weights = np.concatenate([batch["masked_lm_weights"] for batch in found])
        wanted = min(rows, batches * phase.batch)
        assert numbers[:wanted].tolist() == list(range(1, wanted + 1))
        assert len(numbers) - wanted < size
        assert not numbers[wanted:].any()
        np.testing.assert_array_equal(weights, np.repeat((numbers > 0)[:, None], 2, axis=1).astype(np.float32))
