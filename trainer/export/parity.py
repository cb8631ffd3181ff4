"""The comparison that every export has to pass before it counts as done: read back, it computes the same."""

import keras
import numpy as np

from trainer.export.weight_map import ImportedModel, Weights, read_weights
from trainer.model.bert import BertPretrainer
from trainer.model.config import BertConfig


class ExportMismatchError(RuntimeError):
    """What was written and read back is not the model that was exported: a defect of ours, or of the disk."""


def probe_batch(config: BertConfig, batch: int = 2, length: int = 32, predictions: int = 5) -> dict[str, np.ndarray]:
    """A fixed batch that exercises every input: two segments, padding, positions everywhere; int32 each."""
    length = min(length, config.max_position_embeddings)
    draws = np.random.default_rng(20181011)
    pieces = draws.integers(length // 2, length + 1, size=batch)
    places = np.arange(length)[None, :]
    mask = (places < pieces[:, None]).astype(np.int32)
    second = (places >= (pieces // 2)[:, None]) & (config.type_vocab_size > 1)
    return {
        "input_ids": draws.integers(0, config.vocab_size, size=(batch, length)).astype(np.int32) * mask,
        "input_mask": mask,
        "segment_ids": second.astype(np.int32) * mask,
        "masked_lm_positions": np.stack([np.linspace(0, n - 1, predictions, dtype=np.int32) for n in pieces]),
    }


def logits(
    model: BertPretrainer, batch: dict[str, np.ndarray], weights: Weights | None = None
) -> dict[str, np.ndarray]:
    """Both heads' logits without dropout; of the model itself or of the same network with other weights."""
    if weights is None:
        outputs = model(batch, training=False)
    else:
        values = [
            keras.ops.convert_to_tensor(weights[variable.path.split("/", 1)[1]])
            for variable in model.trainable_variables
        ]
        state = [variable.value for variable in model.non_trainable_variables]
        outputs, _ = model.stateless_call(values, state, batch, training=False)
    return {name: np.asarray(keras.ops.convert_to_numpy(value), np.float32) for name, value in outputs.items()}


def require_same_model(model: BertPretrainer, imported: ImportedModel) -> float:
    """Raise ExportMismatchError unless an export, read back, has the model's config, weights and logits.

    Weights must agree bit for bit. Returns the largest difference between the logits, which is 0 where the backend is
    deterministic and at most 1e-5 of the largest logit.
    """
    if imported.config != model.config:
        raise ExportMismatchError(f"{imported.source}: config read back as {imported.config}, written {model.config}")
    written = read_weights(model)
    if imported.weights.keys() != written.keys():
        raise ExportMismatchError(f"{imported.source}: other weights read back than written")
    different = [name for name in written if not np.array_equal(written[name], imported.weights[name])]
    if different:
        raise ExportMismatchError(f"{imported.source}: weights read back differ: {', '.join(different)}")
    batch = probe_batch(model.config)
    return require_close(logits(model, batch), logits(model, batch, imported.weights), imported.source)


def require_close(
    expected: dict[str, np.ndarray], found: dict[str, np.ndarray], source: str, tolerance: float = 1e-5
) -> float:
    """Raise ExportMismatchError if outputs differ by more than `tolerance` of the largest; returns the difference."""
    worst = 0.0
    for name, value in expected.items():
        difference = float(np.max(np.abs(value - found[name]), initial=0.0))
        allowed = tolerance * max(float(np.max(np.abs(value), initial=0.0)), 1e-6)
        if not difference <= allowed:  # written so that NaN is refused as well
            raise ExportMismatchError(
                f"{source}: {name} differ by {difference:.3g} after reading back, allowed {allowed:.3g}"
            )
        worst = max(worst, difference)
    return worst
