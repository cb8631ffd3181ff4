"""The arguments of a training step as shapes, for devices that are not here: nothing is drawn, read or copied."""

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from trainer.data.packing import PIECES_PER_DOCUMENT
from trainer.devices.runtime import JaxRuntime
from trainer.optim.optimizer import Optimizer
from trainer.plans.plan import Phase
from trainer.training.step import initial_state


def state_shapes(model: keras.Model, optimizer: Optimizer, runtime: JaxRuntime) -> Any:
    """The state of a run, a tree of `jax.ShapeDtypeStruct`: whole on every device, but for sharded moments."""
    import jax

    state = initial_state(model, optimizer)
    if runtime.shards:
        return runtime.shards.shapes(state)
    return jax.tree.map(
        lambda value: jax.ShapeDtypeStruct(np.shape(value), np.dtype(value.dtype), sharding=runtime.everywhere), state
    )


def batch_shapes(phase: Phase, micro_batches: int, runtime: JaxRuntime) -> Mapping[str, Any]:
    """A batch of a phase, by field as `BatchSource.batches` gives it, [micro batches, rows, ...] over the devices."""
    import jax

    def field(*sizes: int, dtype: Any = np.int32) -> Any:
        shape = (micro_batches, phase.batch // micro_batches, *sizes)
        return jax.ShapeDtypeStruct(shape, np.dtype(dtype), sharding=runtime.by_rows)

    length, predictions = phase.sequence_length, phase.predictions
    documents = (max(2, length // PIECES_PER_DOCUMENT),) if phase.packing else ()
    fields = {name: field(length) for name in ("input_ids", "input_mask", "segment_ids")}
    fields |= {name: field(predictions) for name in ("masked_lm_positions", "masked_lm_ids")}
    fields["masked_lm_weights"] = field(predictions, dtype=np.float32)
    fields["next_sentence_labels"] = field(*documents)
    fields["next_sentence_weights"] = field(*documents, dtype=np.float32)
    if phase.packing:
        fields |= {name: field(length) for name in ("block_ids", "position_ids")}
        fields["cls_positions"] = field(*documents)
    return fields
