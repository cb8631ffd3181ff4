"""A tiny model, and the files and finished runs of `tiny_tasks.py`."""

import sys
from pathlib import Path

import pytest

import trainer  # noqa: F401  chooses the backend, before any test imports Keras

sys.path.insert(0, str(Path(__file__).parent))

from tiny_tasks import PIECES, questions, sentences, texts, write_lines


@pytest.fixture(scope="session")
def base(tmp_path_factory, quick_compilation):
    """A pretrained model, read-only: a Hugging Face folder of one layer. Its weights are large, so that it learns fast."""
    import numpy as np

    from trainer.export.hugging_face import save_hugging_face
    from trainer.model.bert import build_pretrainer
    from trainer.model.config import BertConfig

    folder = tmp_path_factory.mktemp("base")
    vocabulary = folder / "vocabulary.txt"
    vocabulary.write_text("".join(f"{piece}\n" for piece in PIECES), encoding="utf-8")
    config = BertConfig(
        vocab_size=len(PIECES),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=32,
        initializer_range=0.2,
    )
    model = build_pretrainer(config, seed=3)
    for variable in model.trainable_variables:
        if variable.name == "word_embeddings":
            variable.assign(np.asarray(variable) * 3)
    save_hugging_face(model, config, vocabulary, False, folder / "model", "card")
    return str(folder / "model")


@pytest.fixture(scope="session")
def files(tmp_path_factory):
    """The files of each task by name, read-only."""
    folder = tmp_path_factory.mktemp("files")
    makers = {"classify": texts, "tag": sentences, "answer": questions}
    return {
        f"{task}_{part}": write_lines(folder / f"{task}_{part}.jsonl", make(count, seed))
        for task, make in makers.items()
        for part, count, seed in (("train", 96, 1), ("dev", 24, 2), ("test", 20, 3))
    }


@pytest.fixture(scope="session")
def settings_of(base, files):
    """The settings of a quick run of a task; changes by the names of both classes of settings."""
    from trainer.finetuning.settings import FinetuneSettings, TaskSettings

    own = {"several_labels", "max_seq_length", "window_overlap", "max_question_length", "null_threshold"}

    def settings(task, output, **changes):
        of_task = {"max_seq_length": 16, "max_question_length": 4, **{k: changes.pop(k) for k in own & set(changes)}}
        name = task if f"{task}_train" in files else "classify"
        values = {
            "model": base,
            "train": (files[f"{name}_train"],),
            "dev": files[f"{name}_dev"],
            "output": str(output),
            "batch": 16,
            "learning_rate": (1e-2,),
            "epochs": 4,
        }
        return FinetuneSettings(task=TaskSettings(task, **of_task), **{**values, **changes})

    return settings


@pytest.fixture(scope="session")
def pieces():
    """The pieces of the tiny vocabulary."""
    from tokenizers import Tokenizer

    from trainer.examples.text_pieces import TextPieces
    from trainer.export.tokenizer_files import TokenizerSettings, build_tokenizer
    from vocab.vocabulary import parse_vocabulary

    text = "".join(f"{piece}\n" for piece in PIECES)
    built = build_tokenizer(parse_vocabulary(text.encode(), "vocab.txt"), TokenizerSettings(lower_case=False))
    return TextPieces(Tokenizer.from_str(built.to_str()), "vocab.txt")


@pytest.fixture(scope="session")
def tuned(settings_of, tmp_path_factory):
    """A finished run of each task, read-only: (its folder, the content of its scores.json)."""
    from trainer.finetuning.runs import finetune

    made = {}

    def tuned(task):
        if task not in made:
            output = tmp_path_factory.mktemp("tuned") / task
            test = settings_of(task, output).dev.replace("_dev", "_test")
            made[task] = (output, finetune(settings_of(task, output, test=test)))
        return made[task]

    return tuned
