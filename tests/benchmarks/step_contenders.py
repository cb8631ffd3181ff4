"""One training step of each contender of training_step.py, and the network and the batch that all of them get."""

import argparse
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from trainer.model.config import GELU_TANH, BertConfig
from trainer.plans.settings import OptimizerSettings

SIZES = {
    "mini": {"hidden_size": 256, "num_hidden_layers": 4, "num_attention_heads": 4, "intermediate_size": 1024},
    "tiny": {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 64},
    "base": {},
    "large": {"hidden_size": 1024, "num_hidden_layers": 24, "num_attention_heads": 16, "intermediate_size": 4096},
}
ADAMW = OptimizerSettings(name="adamw", weight_decay=0.01, epsilon=1e-6, clip_norm=1.0)
RATE = 1e-4


@dataclass(frozen=True)
class Ready:
    """A contender that has built its network and placed its batch."""

    step: Callable[[], Any]  # one training step; what it returns can be waited for with float()
    device: str
    peak_gb: Callable[[], float]
    compiler_gb: Callable[[], float] = lambda: 0.0  # what the compiler says that a step needs; 0: it says nothing


def config_of(options: argparse.Namespace) -> BertConfig:
    """The network of a contender; `--dropout` is that of hidden units and of attention."""
    dropout = {"hidden_dropout_prob": options.dropout, "attention_probs_dropout_prob": options.dropout}
    return BertConfig(vocab_size=options.vocab_size, hidden_act=GELU_TANH, **dropout, **SIZES[options.size])


def predictions_of(options: argparse.Namespace) -> int:
    return round(0.15 * options.max_seq_length)


def batch_of(options: argparse.Namespace) -> dict[str, np.ndarray]:
    """Full rows of random pieces, as an instance shard's batch holds them."""
    random, rows, length = np.random.default_rng(1), options.batch, options.max_seq_length
    shape = rows, predictions_of(options)
    positions = np.stack([np.sort(random.choice(length, shape[1], replace=False)) for _ in range(rows)])
    return {
        "input_ids": random.integers(5, options.vocab_size, (rows, length), np.int32),
        "input_mask": np.ones((rows, length), np.int32),
        "segment_ids": np.tile((np.arange(length) > length // 2).astype(np.int32), (rows, 1)),
        "masked_lm_positions": positions.astype(np.int32),
        "masked_lm_ids": random.integers(5, options.vocab_size, shape, np.int32),
        "masked_lm_weights": np.ones(shape, np.float32),
        "next_sentence_labels": random.integers(0, 2, rows, np.int32),
        "next_sentence_weights": np.ones(rows, np.float32),
    }


def _host_peak_gb() -> float:
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def our_step(
    config: BertConfig, dtype: str, optimizer_name: str, seed: int = 0, attention: str = "auto"
) -> tuple[Any, Any, Callable[[], Any]]:
    """The runtime, the compiled update, and a function that makes the first state on the device, each time the same.

    `attention` is `model.attention` of a plan. Both it and the sum over devices are those of a real run.
    """
    from trainer import backend  # noqa: F401, chooses the Keras backend before Keras is imported
    from trainer.devices.device_sum import over_devices
    from trainer.devices.runtime import JaxRuntime
    from trainer.model.attention.kernel import choose_kernel
    from trainer.model.bert import build_pretrainer
    from trainer.optim.exclusions import rules_by_layer_type
    from trainer.optim.optimizers import optimizer_of
    from trainer.tasks.pretraining import pretraining
    from trainer.training.step import initial_state, make_train_step

    runtime = JaxRuntime()
    kernel = choose_kernel(attention, runtime.platform, config, runtime.mesh, runtime.device_kind)
    model = build_pretrainer(config, compute_dtype=dtype, seed=seed, attention=kernel)
    optimizer = optimizer_of(replace(ADAMW, name=optimizer_name))
    rules = rules_by_layer_type(model)
    update = make_train_step(model, pretraining(1.0), optimizer, rules, over_devices(runtime))
    return runtime, runtime.compile_step(update), lambda: runtime.put_state(initial_state(model, optimizer))


def _ours(options: argparse.Namespace, batch: dict[str, np.ndarray]) -> Ready:
    runtime, step, first_state = our_step(
        config_of(options), options.dtype, options.optimizer, attention=options.attention
    )
    state, rows = first_state(), runtime.put_batch(batch, 1)

    def one() -> Any:
        nonlocal state
        state, metrics = step(state, rows, runtime.put_scalar(RATE))
        return metrics["loss"]

    def peak_gb() -> float:
        return (runtime.devices[0].memory_stats() or {}).get("peak_bytes_in_use", 0) / 1e9 or _host_peak_gb()

    def compiler_gb() -> float:
        found = step.lower(state, rows, runtime.put_scalar(RATE)).compile().memory_analysis()
        return (found.argument_size_in_bytes + found.temp_size_in_bytes) / 1e9 if found else 0.0

    return Ready(one, runtime.device_kind, peak_gb, compiler_gb)


def _transformers(masked_only: bool, compiled: bool, attention: str = "sdpa") -> Callable[..., Ready]:
    def contender(options: argparse.Namespace, batch: dict[str, np.ndarray]) -> Ready:
        import torch
        from pytorch_bert import from_config, loss_sums

        torch.set_num_threads(len(os.sched_getaffinity(0)))
        device = "cuda" if torch.cuda.is_available() else "cpu"
        torch.backends.cuda.matmul.allow_tf32 = True
        model = from_config(config_of(options))
        model.set_attn_implementation(attention)
        model = model.to(device).train()
        decayed = [p for p in model.parameters() if p.ndim > 1]
        rest = [p for p in model.parameters() if p.ndim < 2]
        groups = [{"params": decayed, "weight_decay": ADAMW.weight_decay}, {"params": rest, "weight_decay": 0.0}]
        optimizer = torch.optim.AdamW(groups, lr=RATE, eps=ADAMW.epsilon, fused=True)
        rows = {name: torch.from_numpy(value).to(device) for name, value in batch.items()}

        def loss_of() -> torch.Tensor:
            with torch.autocast(device, torch.bfloat16, enabled=options.dtype == "bfloat16"):
                sums = loss_sums(model, rows, masked_only)
            return sums["mlm_loss"] / sums["mlm_weight"] + sums["nsp_loss"] / sums["nsp_weight"]

        loss_of = torch.compile(loss_of) if compiled else loss_of

        def one() -> Any:
            loss = loss_of()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), ADAMW.clip_norm)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            return loss.detach()

        name = torch.cuda.get_device_name() if device == "cuda" else "cpu"
        peak = torch.cuda.max_memory_allocated
        return Ready(one, name, lambda: peak() / 1e9 if device == "cuda" else _host_peak_gb())

    return contender


def _model_garden(options: argparse.Namespace, batch: dict[str, np.ndarray]) -> Ready:
    import tensorflow as tf
    import tf_keras
    from official.nlp.modeling import layers, models, networks

    cores = len(os.sched_getaffinity(0))
    tf.config.threading.set_intra_op_parallelism_threads(cores)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    if options.dtype == "bfloat16":
        tf_keras.mixed_precision.set_global_policy("mixed_bfloat16")
    config = config_of(options)
    encoder = networks.BertEncoderV2(
        vocab_size=config.vocab_size,
        hidden_size=config.hidden_size,
        num_layers=config.num_hidden_layers,
        num_attention_heads=config.num_attention_heads,
        inner_dim=config.intermediate_size,
        max_sequence_length=config.max_position_embeddings,
    )
    head = layers.ClassificationHead(inner_dim=config.hidden_size, num_classes=2, name="next_sentence")
    model = models.BertPretrainerV2(encoder, classification_heads=[head])
    optimizer = tf_keras.optimizers.AdamW(RATE, weight_decay=ADAMW.weight_decay, epsilon=ADAMW.epsilon)
    rows = {name: tf.constant(value) for name, value in batch.items()}
    inputs = {
        "input_word_ids": rows["input_ids"],
        "input_mask": rows["input_mask"],
        "input_type_ids": rows["segment_ids"],
        "masked_lm_positions": rows["masked_lm_positions"],
    }
    cross_entropy = tf.nn.sparse_softmax_cross_entropy_with_logits

    @tf.function(jit_compile=True)
    def one() -> Any:
        with tf.GradientTape() as tape:
            outputs = model(inputs, training=True)
            masked = cross_entropy(rows["masked_lm_ids"], tf.cast(outputs["mlm_logits"], tf.float32))
            following = cross_entropy(rows["next_sentence_labels"], tf.cast(outputs["next_sentence"], tf.float32))
            loss = tf.reduce_mean(masked) + tf.reduce_mean(following)
        gradients = tape.gradient(loss, model.trainable_variables)
        gradients, _ = tf.clip_by_global_norm(gradients, ADAMW.clip_norm)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        return loss

    model(inputs, training=False)
    optimizer.build(model.trainable_variables)
    return Ready(one, "cpu", _host_peak_gb)


CONTENDERS: dict[str, Callable[..., Ready]] = {
    "ours": _ours,
    "transformers": _transformers(False, False),
    "transformers, masked-only head": _transformers(True, False),
    "transformers, masked-only, compiled": _transformers(True, True),
    "transformers, masked-only, eager": _transformers(True, False, "eager"),
    "model garden": _model_garden,
}
