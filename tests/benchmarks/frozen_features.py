"""What a pretrained encoder is worth without fine-tuning: logistic regression on the mean vectors of labelled texts.

`--encoder` is a folder of Hugging Face or sentence-transformers; beside it stands the same network with drawn weights. `--texts` has a
text a line after its number and its mean rating, separated by tabs (movieReviewSnippets_GroundTruth.txt of vaderSentiment's
source distribution); the label is whether the rating is above 0. Vectors come from `trainer embed`.

    .venv/bin/python tests/benchmarks/frozen_features.py --encoder minilm --texts movieReviewSnippets_GroundTruth.txt --work work --layers=-2
"""

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file
from sklearn.linear_model import LogisticRegression

TRAIN, TEST = 800, 400


def main() -> None:
    """Read the command line and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--encoder", required=True, type=Path)
    parser.add_argument("--texts", required=True, type=Path)
    parser.add_argument(
        "--layers", action="append", required=True, help="as in `trainer embed`; repeatable, written --layers=-2"
    )
    parser.add_argument("--work", required=True, type=Path, help="folder for all files")
    parser.add_argument("--seed", type=int, default=0, help="of the choice of texts and of the drawn weights")
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    texts, labels = read_snippets(arguments.texts, arguments.seed)
    majority = max(labels[TRAIN:].mean(), 1 - labels[TRAIN:].mean())
    lines = arguments.work / "texts.txt"
    lines.write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")
    random = arguments.work / "random"
    draw_weights(arguments.encoder, random, arguments.seed)
    print(f"{TRAIN} texts to learn from, {TEST} to test on; the more frequent label: {majority:.3f}")
    print(f"{'weights':<12}" + "".join(f"{layers:>10}" for layers in arguments.layers))
    for name, model in (("pretrained", arguments.encoder), ("drawn", random)):
        accuracies = [
            accuracy(embed(model, lines, arguments.work / f"{name}{layers.replace(':', '_')}.npy", layers), labels)
            for layers in arguments.layers
        ]
        print(f"{name:<12}" + "".join(f"{value:>10.3f}" for value in accuracies), flush=True)


def read_snippets(path: Path, seed: int) -> tuple[list[str], np.ndarray]:
    """Texts in a random order, and whether each is rated above 0."""
    rows = [line.split("\t", 2) for line in path.read_text(encoding="latin-1").splitlines()]
    chosen = np.random.default_rng(seed).permutation(len(rows))[: TRAIN + TEST]
    texts = [" ".join(rows[i][2].split()) for i in chosen]
    return texts, np.array([float(rows[i][1]) > 0 for i in chosen])


def draw_weights(encoder: Path, folder: Path, seed: int) -> None:
    """Write the encoder with weights drawn as BERT draws them (normal, 0.02); norms and biases as they begin."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(encoder, folder)
    generator = np.random.default_rng(seed)
    drawn = {}
    for name, weights in sorted(load_file(encoder / "model.safetensors").items()):
        if weights.ndim == 2:
            drawn[name] = generator.normal(0, 0.02, weights.shape).astype(np.float32)
        else:
            drawn[name] = np.full_like(weights, float("LayerNorm.weight" in name))
    save_file(drawn, folder / "model.safetensors", metadata={"format": "pt"})


def embed(model: Path, lines: Path, output: Path, layers: str) -> np.ndarray:
    """The vectors of `lines`."""
    output.unlink(missing_ok=True)
    command = ["-m", "trainer", "embed", "--model", model, "--input", lines, "--output", output, f"--layers={layers}"]
    subprocess.run([sys.executable, *map(str, command), "--combine", "concat"], check=True, capture_output=True)
    vectors: np.ndarray = np.load(output)
    return vectors


def accuracy(vectors: np.ndarray, labels: np.ndarray) -> float:
    """Of logistic regression on standardised vectors."""
    mean, deviation = vectors[:TRAIN].mean(0), vectors[:TRAIN].std(0) + 1e-6
    scaled = (vectors - mean) / deviation
    learned = LogisticRegression(C=0.01, max_iter=1000).fit(scaled[:TRAIN], labels[:TRAIN])
    return float(learned.score(scaled[TRAIN:], labels[TRAIN:]))


if __name__ == "__main__":
    main()
