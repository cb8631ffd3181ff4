"""Five LAMB updates of a small BERT with dropout, on this device and on the CPU that wrote the reference.

    .venv/bin/python tests/benchmarks/device/parity.py --write reference.json       # on a CPU
    .venv/bin/python tests/benchmarks/device/parity.py --reference reference.json   # on the device

It prints the relative difference of losses and gradient norms, and that of the sums of the absolute values of each final
weight, for float32 and bf16; and whether the updates, done twice, end with the same weights bit for bit.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from step_contenders import batch_of, our_step

from trainer.model.config import GELU_TANH, BertConfig

ROWS, LENGTH, PIECES, UPDATES, MICRO_BATCHES, RATE = 24, 64, 1003, 5, 3, 1e-2


def main() -> None:
    """Write the reference, or print one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", metavar="FILE", help="the reference, to be written here")
    parser.add_argument("--reference", metavar="FILE", help="what --write wrote")
    options = parser.parse_args()
    found: dict[str, Any] = {}
    same: dict[str, bool] = {}
    for dtype in ("float32", "bfloat16"):
        (figures, weights), (_, again) = _updates(dtype)
        sums = [float(np.abs(weights[path]).sum(dtype=np.float64)) for path in sorted(weights)]
        found[dtype] = {"figures": figures, "weights": sums}
        same[dtype] = all(np.array_equal(weights[path], again[path]) for path in weights)
    if options.write:
        Path(options.write).write_text(json.dumps(found))
    result: dict[str, Any] = {f"{dtype}_repeats_bit_for_bit": value for dtype, value in same.items()}
    if options.reference:
        known = json.loads(Path(options.reference).read_text())
        for dtype, parts in found.items():
            for part, values in parts.items():
                wanted = np.array(known[dtype][part])
                difference = np.abs(np.array(values) - wanted).sum() / np.abs(wanted).sum()
                result[f"{dtype}_{part}_differ_by"] = float(f"{difference:.2g}")
    print(json.dumps(result))


def _updates(dtype: str) -> list[tuple[list[list[float]], dict[str, np.ndarray]]]:
    """[loss, gradient norm] of each update, and the final weights; twice."""
    network = {"hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 256}
    config = BertConfig(vocab_size=PIECES, max_position_embeddings=LENGTH, hidden_act=GELU_TANH, **network)
    runtime, step, first_state = our_step(config, dtype, "lamb", seed=3)
    size = argparse.Namespace(batch=ROWS, max_seq_length=LENGTH, vocab_size=PIECES)
    rows = runtime.put_batch(batch_of(size), MICRO_BATCHES)
    runs = []
    for _ in range(2):
        state, figures = first_state(), []
        for _ in range(UPDATES):
            state, metrics = step(state, rows, runtime.put_scalar(RATE))
            figures.append([float(metrics["loss"]), float(metrics["gradient_norm"])])
        runs.append((figures, {path: np.asarray(value) for path, value in state["weights"].items()}))
    return runs


if __name__ == "__main__":
    main()
