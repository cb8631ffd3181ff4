"""Vectors of texts from the tiny model of train_and_use.py, and which texts are near to each other.

.venv/bin/python tests/examples/embed_texts.py example
"""

import sys
from pathlib import Path

import trainer


def main(folder: Path) -> None:
    embedder = trainer.load_embedder(folder / "exported", pooling="mean", normalize=True)
    vectors = embedder.embed(["A class is an object.", "Objects have a class.", "The loop ends."]).vectors
    print(vectors.shape, "float32 [texts, hidden size], each of length 1")
    for row in vectors @ vectors.T:
        print("cosines:", *(f"{cosine:.3f}" for cosine in row))


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "example"))
