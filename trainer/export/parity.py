"""The check that every export must pass: the model that is read back computes the same as the original."""

from collections.abc import Callable

import keras
import numpy as np

from trainer.export.weight_map import ImportedModel, Weights, read_weights, weight_path
from trainer.model.config import BertConfig
from trainer.model.encoder_with_heads import EncoderWithHeads

Arrays = dict[str, np.ndarray]


class ExportMismatchError(RuntimeError):
    """The export that was read back differs from the model. This is a defect of beambert or of the disk."""


def probe_batch(config: BertConfig, batch: int = 2, length: int = 32, predictions: int = 5) -> Arrays:
    """A fixed batch that exercises every input: two segments, padding, positions everywhere; int32 each."""
    length = min(length, config.longest_text)
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


def logits(model: EncoderWithHeads, batch: Arrays) -> Arrays:
    """The logits of both heads, float32, without dropout. The batch is as for the model."""
    return _compiled(model)(read_weights(model), batch)


def _compiled(model: EncoderWithHeads) -> Callable[[Weights, Arrays], Arrays]:
    """The network as a function of its weights; on JAX compiled once for each shape."""

    def run(weights: Weights, batch: Arrays) -> dict[str, keras.KerasTensor]:
        values = [keras.ops.convert_to_tensor(weights[weight_path(variable)]) for variable in model.trainable_variables]
        state = [variable.value for variable in model.non_trainable_variables]
        return model.stateless_call(values, state, batch, training=False)[0]

    if keras.backend.backend() == "jax":
        import jax

        run = jax.jit(run)
    return lambda weights, batch: {
        name: np.asarray(keras.ops.convert_to_numpy(value), np.float32) for name, value in run(weights, batch).items()
    }


def require_same_model(model: EncoderWithHeads, imported: ImportedModel) -> float:
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
    run, batch = _compiled(model), probe_batch(model.config)
    return require_close(run(written, batch), run(imported.weights, batch), imported.source)


def require_close(expected: Arrays, found: Arrays, source: str, tolerance: float = 1e-5) -> float:
    """Raise ExportMismatchError if outputs differ by more than `tolerance` of the largest; returns the difference."""
    worst = 0.0
    for name, value in expected.items():
        difference = float(np.max(np.abs(value - found[name]), initial=0.0))
        allowed = tolerance * max(float(np.max(np.abs(value), initial=0.0)), 1e-6)
        if not difference <= allowed:  # written with "not", so that NaN is refused too
            raise ExportMismatchError(
                f"{source}: {name} differ by {difference:.3g} after reading back, allowed {allowed:.3g}"
            )
        worst = max(worst, difference)
    return worst
