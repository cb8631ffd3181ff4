"""Models and records as other people's tools leave them, written here name by name; a plan that trains in a moment."""

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from vocab.model_class import BERT_BASE_CONFIG

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


# --- records of another tool, and a plan that trains a model of one layer on them

LENGTH, PREDICTIONS, PIECES = 16, 4, 64
NETWORK = {
    "hidden_size": 32,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 64,
    "max_position_embeddings": 16,
}


def instance(generator: np.random.Generator, **changes: list) -> dict[str, list]:
    """A classic instance of random pieces; the number of its predictions varies."""
    pieces, predictions = int(generator.integers(10, LENGTH + 1)), int(generator.integers(1, PREDICTIONS + 1))
    ids = [2, *generator.integers(5, PIECES, pieces - 2).tolist(), 3]
    places = sorted(generator.permutation(np.arange(1, pieces - 1))[:predictions].tolist())
    originals = generator.integers(5, PIECES, predictions).tolist()
    spare = [0] * (PREDICTIONS - predictions)
    features = {
        "input_ids": [4 if i in places else piece for i, piece in enumerate(ids)] + [0] * (LENGTH - pieces),
        "input_mask": [1] * pieces + [0] * (LENGTH - pieces),
        "segment_ids": [0] * LENGTH,
        "masked_lm_positions": places + spare,
        "masked_lm_ids": originals + spare,
        "masked_lm_weights": [1.0] * predictions + [0.0] * len(spare),
        "next_sentence_labels": [int(generator.integers(2))],
    }
    return {**features, **changes}


@pytest.fixture(scope="session")
def write_records(
    serialise: Callable[[Mapping[str, list]], bytes], frame: Callable[[Iterable[bytes]], bytes]
) -> Callable[..., None]:
    """Writes a TFRecord file of so many random instances; `changes` are features that all of them have."""

    def write(path: Path, count: int, seed: int = 0, **changes: list) -> None:
        generator = np.random.default_rng(seed)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(frame(serialise(instance(generator, **changes)) for _ in range(count)))

    return write


@pytest.fixture(scope="session")
def foreign_records(tmp_path_factory: pytest.TempPathFactory, write_records: Callable[..., None]) -> Path:
    """Records without a manifest: 40 to train on, 45 held out."""
    folder = tmp_path_factory.mktemp("foreign") / "records"
    write_records(folder / "train" / "a.tfrecord", 30, 1)
    write_records(folder / "train" / "b.tfrecord", 10, 2)
    write_records(folder / "dev" / "c.tfrecord", 45, 3)
    return folder


@pytest.fixture(scope="session")
def tiny_class(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model class of one layer with 32 units."""
    path = tmp_path_factory.mktemp("class") / "tiny.json"
    config = {**BERT_BASE_CONFIG, **NETWORK}
    content = {"name": "tiny", "lower_case": False, "vocab_size": PIECES, "vocab_uri": "", "config": config}
    path.write_text(json.dumps(content))
    return path


@pytest.fixture
def tiny_plan(tmp_path: Path, tiny_class: Path) -> Callable[..., str]:
    """Writes a plan of one phase, changed by TOML lines for the plan, the model and the phase."""

    def write(phase: str = "", top: str = "", model: str = "", batch: int = 16, steps: int = 1) -> str:
        path = tmp_path / "tiny.toml"
        path.write_text(
            f'name = "tiny"\nlog_every = 1\n{top}\n'
            f'[model]\nmodel_class = "{tiny_class}"\ncompute_dtype = "float32"\n{model}\n'
            f'[[phase]]\nname = "only"\nsequence_length = {LENGTH}\nmax_predictions = {PREDICTIONS}\n'
            f"batch = {batch}\nsteps = {steps}\nlearning_rate = {{ peak = 1e-3 }}\n{phase}\n"
        )
        return str(path)

    return write


@pytest.fixture
def pretrain(quick_compilation: Mapping[str, str]) -> Callable[..., int]:
    """Runs `trainer pretrain` in this process; the exit status."""
    from trainer.__main__ import main

    def run(plan: str, data: object, output: object, *more: object) -> int:
        arguments = ["--plan", plan, "--data", data, "--output", output, "--notensorboard", *more]
        return main(["pretrain", *map(str, arguments)])

    return run


@pytest.fixture
def outcome(capsys: pytest.CaptureFixture[str]) -> Callable[[Iterable[object]], tuple[int, str]]:
    """Runs a command of the trainer, which must succeed or end with status 2 and one line: the status and that line."""
    from trainer.__main__ import main

    def run(arguments: Iterable[object]) -> tuple[int, str]:
        arguments = list(map(str, arguments))
        capsys.readouterr()
        status = main(arguments)
        printed = capsys.readouterr()
        assert status in (0, 2), arguments
        if status == 2:
            errors = [line for line in printed.err.splitlines() if ": error: " in line]
            assert len(errors) == 1, (arguments, printed.err)
            assert printed.err.endswith(errors[0] + "\n"), arguments
            assert "Traceback" not in printed.err, arguments
        return status, printed.err.strip().rsplit("\n", 1)[-1]

    return run
