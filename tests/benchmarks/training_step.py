"""Time of one training step: ours, transformers on PyTorch (stock, and with a masked-only head) and TF Model Garden.

    .venv/bin/python tests/benchmarks/training_step.py                      # BERT-Mini in float32 on one core
    .venv/bin/python tests/benchmarks/training_step.py --size base --batch 4
    .venv/bin/python tests/benchmarks/training_step.py --size base --batch 256 --dtype bfloat16 --cores 0   # accelerator

A step is forward, backward, clipping and AdamW on static random instances with dropout, one process after the other,
each pinned to --cores cores; JAX and PyTorch use an accelerator when they find one. Rounds are interleaved, so that all
share a noisy machine's good and bad minutes; the median counts. transformers' rows need torch and transformers,
--compile adds torch.compile. MFU counts model FLOPs only, with logits at masked positions.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from trainer.hardware import peak_flops
from trainer.model.config import GELU_TANH, BertConfig
from trainer.plan_settings import OptimizerSettings

SIZES = {
    "mini": {"hidden_size": 256, "num_hidden_layers": 4, "num_attention_heads": 4, "intermediate_size": 1024},
    "base": {},
    "large": {"hidden_size": 1024, "num_hidden_layers": 24, "num_attention_heads": 16, "intermediate_size": 4096},
}
ADAMW = OptimizerSettings(name="adamw", weight_decay=0.01, epsilon=1e-6, clip_norm=1.0)
RATE = 1e-4
Step = Callable[[], Any]  # one training step; what it returns can be waited for with float()


def main() -> None:
    """Measure every contender in processes of their own and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", choices=SIZES, default="mini")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--max_seq_length", type=int, default=128)
    parser.add_argument("--vocab_size", type=int, default=30522)
    parser.add_argument("--dtype", choices=("float32", "bfloat16"), default="float32")
    parser.add_argument("--cores", type=int, default=1, help="cores to pin a process to; 0: all (default: 1)")
    parser.add_argument("--rounds", type=int, default=3, help="processes per contender (default: 3)")
    parser.add_argument("--seconds", type=float, default=10, help="of steps in each process (default: 10)")
    parser.add_argument("--only", nargs="+", choices=CONTENDERS, help="leave the others out")
    parser.add_argument("--compile", action="store_true", help="also transformers with torch.compile")
    parser.add_argument("--contender", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.contender:
        print(json.dumps(_measure(options)))
        return
    names = options.only or [name for name in CONTENDERS if _wanted(name, options)]
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    for _ in range(options.rounds):
        for name in names:
            found[name].append(_in_a_process(name, options.cores))
    _print(options, found)


def _wanted(name: str, options: argparse.Namespace) -> bool:
    if "transformers" in name and not (find_spec("torch") and find_spec("transformers")):
        return False
    return options.compile or not name.endswith("compiled")


def _in_a_process(name: str, cores: int) -> dict[str, Any]:
    chosen = sorted(os.sched_getaffinity(0))[: cores or None]
    environment = os.environ | {"OMP_NUM_THREADS": str(len(chosen)), "TF_USE_LEGACY_KERAS": "1"}
    done = subprocess.run(
        [sys.executable, __file__, *sys.argv[1:], "--contender", name],
        check=False,
        capture_output=True,
        text=True,
        env=environment,
        preexec_fn=lambda: os.sched_setaffinity(0, chosen),
    )
    if done.returncode:
        sys.exit(f"{name}: {done.stderr[-2000:]}")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def _print(options: argparse.Namespace, found: dict[str, list[dict[str, Any]]]) -> None:
    device = next(iter(found.values()))[0]["device"]
    print(
        f"BERT-{options.size}, batch {options.batch}, length {options.max_seq_length}, vocabulary {options.vocab_size:,}, "
        f"{options.dtype}, {device}"
    )
    print(f"{'':<38}{'ms a step':>10}{'examples/s':>12}{'times ours':>12}{'MFU':>7}{'first step':>12}{'peak GB':>9}")
    flops = _config(options).flops_per_step(options.batch, options.max_seq_length, _predictions(options))
    seconds = {name: statistics.median(result["seconds"] for result in results) for name, results in found.items()}
    for name, results in found.items():
        peak = peak_flops(results[0]["device"])
        mfu = f"{flops / seconds[name] / peak:.1%}" if peak else "-"
        ours = f"{seconds[name] / seconds['ours']:.2f}" if "ours" in seconds else "-"
        print(
            f"{name:<38}{seconds[name] * 1000:>10.1f}{options.batch / seconds[name]:>12.1f}{ours:>12}{mfu:>7}"
            f"{min(result['first'] for result in results):>10.1f} s{max(r['peak_gb'] for r in results):>9.2f}"
        )


def _measure(options: argparse.Namespace) -> dict[str, Any]:
    began = time.perf_counter()
    step, device, peak_gb = CONTENDERS[options.contender](options, _batch(options))
    float(step())
    first = time.perf_counter() - began
    for _ in range(2):
        float(step())
    times = []
    until = time.perf_counter() + options.seconds
    while len(times) < 3 or time.perf_counter() < until:
        began, count = time.perf_counter(), 10 if times and times[-1] < 0.1 else 1
        for _ in range(count - 1):
            step()
        float(step())  # accelerators run behind: only a value that is read is a finished step
        times.append((time.perf_counter() - began) / count)
    return {"seconds": statistics.median(times), "first": first, "device": device, "peak_gb": peak_gb()}


def _config(options: argparse.Namespace) -> BertConfig:
    return BertConfig(vocab_size=options.vocab_size, hidden_act=GELU_TANH, **SIZES[options.size])


def _predictions(options: argparse.Namespace) -> int:
    return round(0.15 * options.max_seq_length)


def _batch(options: argparse.Namespace) -> dict[str, np.ndarray]:
    """Full rows of random pieces, as an instance shard's batch holds them."""
    random, rows, length = np.random.default_rng(1), options.batch, options.max_seq_length
    shape = rows, _predictions(options)
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


def _ours(options: argparse.Namespace, batch: dict[str, np.ndarray]) -> tuple[Step, str, Callable[[], float]]:
    from trainer import backend  # noqa: F401, chooses the Keras backend before Keras is imported
    from trainer.model.bert import build_pretrainer
    from trainer.optim.exclusions import rules_by_layer_type
    from trainer.runtime import JaxRuntime
    from trainer.step import initial_state, make_train_step

    runtime = JaxRuntime()
    model = build_pretrainer(_config(options), compute_dtype=options.dtype)
    step = runtime.compile_step(make_train_step(model, ADAMW, 1.0, rules_by_layer_type(model)))
    state, rows = runtime.put_state(initial_state(model)), runtime.put_batch(batch, 1)

    def one() -> Any:
        nonlocal state
        state, metrics = step(state, rows, runtime.put_scalar(RATE))
        return metrics["loss"]

    def peak_gb() -> float:
        return (runtime.devices[0].memory_stats() or {}).get("peak_bytes_in_use", 0) / 1e9 or _host_peak_gb()

    return one, runtime.device_kind, peak_gb


def _transformers(masked_only: bool, compiled: bool) -> Callable[..., tuple[Step, str, Callable[[], float]]]:
    def contender(options: argparse.Namespace, batch: dict[str, np.ndarray]) -> tuple[Step, str, Callable[[], float]]:
        import torch
        from pytorch_bert import from_config, loss_sums

        torch.set_num_threads(len(os.sched_getaffinity(0)))
        device = "cuda" if torch.cuda.is_available() else "cpu"
        torch.backends.cuda.matmul.allow_tf32 = True
        model = from_config(_config(options)).to(device).train()
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
        return one, name, lambda: torch.cuda.max_memory_allocated() / 1e9 if device == "cuda" else _host_peak_gb()

    return contender


def _model_garden(options: argparse.Namespace, batch: dict[str, np.ndarray]) -> tuple[Step, str, Callable[[], float]]:
    import tensorflow as tf
    import tf_keras
    from official.nlp.configs.bert import ClsHeadConfig  # noqa: F401, registers what the models need
    from official.nlp.modeling import layers, models, networks

    cores = len(os.sched_getaffinity(0))
    tf.config.threading.set_intra_op_parallelism_threads(cores)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    if options.dtype == "bfloat16":
        tf_keras.mixed_precision.set_global_policy("mixed_bfloat16")
    config = _config(options)
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
    return one, "cpu", _host_peak_gb


CONTENDERS: dict[str, Callable[..., tuple[Step, str, Callable[[], float]]]] = {
    "ours": _ours,
    "transformers": _transformers(False, False),
    "transformers, masked-only head": _transformers(True, False),
    "transformers, masked-only, compiled": _transformers(True, True),
    "model garden": _model_garden,
}


if __name__ == "__main__":
    main()
