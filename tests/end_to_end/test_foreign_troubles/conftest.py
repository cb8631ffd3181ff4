"""Models as other people's tools leave them: written here name by name, by nothing of the trainer's."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

WORDS = ["the", "cat", "sat", "on", "mat", "##s", "##ing", "dog", "ran", "blå", "bla", "b", "##l", "##a", "##å"]
FOREIGN_PIECES = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "[MASK]",
    *WORDS,
    *"日本",
    "##本",
    ".",
    ",",
    "T",
    "##he",
    "C",
    "##at",
]

FOREIGN_CONFIG = {
    "architectures": ["BertForPreTraining"],
    "model_type": "bert",
    "vocab_size": len(FOREIGN_PIECES),
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 24,
    "hidden_act": "gelu",
    "hidden_dropout_prob": 0.1,
    "attention_probs_dropout_prob": 0.1,
    "max_position_embeddings": 32,
    "type_vocab_size": 2,
    "initializer_range": 0.02,
    "layer_norm_eps": 1e-12,
    "pad_token_id": 0,
}


def _tensors(config: dict, seed: int) -> dict[str, np.ndarray]:
    """A BertForPreTraining's tensors by the names of Hugging Face, float32, [outputs, inputs]."""
    hidden, inner, pieces = config["hidden_size"], config["intermediate_size"], config["vocab_size"]
    draws = np.random.default_rng(seed)
    tensors: dict[str, np.ndarray] = {}

    def add(name: str, *shape: int) -> None:
        tensors[name] = (draws.standard_normal(shape) * 0.2).astype(np.float32)

    def linear(name: str, outputs: int, inputs: int) -> None:
        add(f"{name}.weight", outputs, inputs)
        add(f"{name}.bias", outputs)

    def norm(name: str) -> None:
        add(f"{name}.weight", hidden)
        tensors[f"{name}.weight"] += 1
        add(f"{name}.bias", hidden)

    add("bert.embeddings.word_embeddings.weight", pieces, hidden)
    add("bert.embeddings.position_embeddings.weight", config["max_position_embeddings"], hidden)
    add("bert.embeddings.token_type_embeddings.weight", config["type_vocab_size"], hidden)
    norm("bert.embeddings.LayerNorm")
    for i in range(config["num_hidden_layers"]):
        layer = f"bert.encoder.layer.{i}"
        for part in ("attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"):
            linear(f"{layer}.{part}", hidden, hidden)
        norm(f"{layer}.attention.output.LayerNorm")
        linear(f"{layer}.intermediate.dense", inner, hidden)
        linear(f"{layer}.output.dense", hidden, inner)
        norm(f"{layer}.output.LayerNorm")
    linear("bert.pooler.dense", hidden, hidden)
    linear("cls.predictions.transform.dense", hidden, hidden)
    norm("cls.predictions.transform.LayerNorm")
    add("cls.predictions.bias", pieces)
    linear("cls.seq_relationship", 2, hidden)
    return tensors


@pytest.fixture(scope="session")
def foreign_pieces() -> list[str]:
    """The vocabulary of `foreign_bert`."""
    return list(FOREIGN_PIECES)


@pytest.fixture(scope="session")
def foreign_bert() -> Callable[..., Path]:
    """Writes a small BERT into a folder as Hugging Face's tools do; no marker of ours is in it.

    `change(tensors)` may return other tensors; `tokenizer` is the content of tokenizer_config.json, None for none;
    other keywords change config.json.
    """

    def write(
        folder: Path,
        *,
        change: Callable[[dict[str, np.ndarray]], dict[str, np.ndarray]] | None = None,
        tokenizer: dict | None = {"do_lower_case": True},  # noqa: B006  only read
        pieces: list[str] = FOREIGN_PIECES,
        seed: int = 0,
        **config: object,
    ) -> Path:
        folder.mkdir(parents=True)
        content = {**FOREIGN_CONFIG, "vocab_size": len(pieces), **config}
        tensors = _tensors(content, seed)
        tensors = change(tensors) if change else tensors
        (folder / "config.json").write_text(json.dumps(content))
        save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
        (folder / "vocab.txt").write_text("\n".join(pieces) + "\n", encoding="utf-8")
        if tokenizer is not None:
            (folder / "tokenizer_config.json").write_text(json.dumps(tokenizer))
        return folder

    return write
