"""Export to a TensorFlow SavedModel that takes raw strings: feature extraction, TensorFlow Serving.

Signatures: `serving_default` takes `text`, string [batch]; `text_pairs` takes `text` and `text_pair`. Both give
`sequence_output` float32 [batch, length, hidden], `pooled_output` float32 [batch, hidden] and the `input_ids`,
`input_mask` and `segment_ids` that went in. Before the model is loaded, tensorflow_text must be imported, because it
registers the kernels of the tokenizer.
"""

import os
import subprocess
from pathlib import Path

import keras
import numpy as np

from beam_jobs.console.our_module import module_command
from beam_jobs.errors import UserError
from trainer.export.export_folder import untrained_heads, written_folder
from trainer.export.hugging_face import WEIGHTS_NAME, load_hugging_face
from trainer.export.parity import ExportMismatchError, require_close
from trainer.export.tokenizer_files import read_tokenizer_settings
from trainer.export.weight_map import assign_weights
from trainer.model.bert import build_pretrainer
from vocab.vocabulary import CONTINUATION, Vocabulary, load_vocabulary

FORM = "saved_model"
_PROBE_WORDS = 40
_TOLERANCE = 1e-4  # relative to the largest value; the two backends add in different orders


def save_saved_model(model_folder: str | Path, folder: str | Path) -> float:
    """Write the SavedModel of a Hugging Face folder, load it and compare it, then rename the folder to its final name.

    The ids of probe texts must equal those of the folder's tokenizer.json, and both embeddings must equal what the
    backend of this process computes. Returns the largest difference between embeddings.

    Raises:
        UserError: the model folder is incomplete, or `folder` holds something else.
        ExportMismatchError: ids or embeddings differ.
    """
    read_tokenizer_settings(Path(model_folder))  # a mistake is refused now, not a minute later
    untrained = [head for head in untrained_heads(Path(model_folder), WEIGHTS_NAME) if head == "pooler"]
    with written_folder(folder, FORM, untrained) as writing:  # the other heads are not exported
        _trace(Path(model_folder), writing)
        return _compare(Path(model_folder), writing)


def _trace(model_folder: Path, writing: Path) -> None:
    """Write the SavedModel in a new process with the TensorFlow backend, since a process cannot change its backend."""
    environment = {**os.environ, "KERAS_BACKEND": "tensorflow", "CUDA_VISIBLE_DEVICES": ""}
    command = [
        *module_command("trainer.export.text_encoder"),
        str(model_folder.absolute()),
        str(writing.absolute()),
    ]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        if last.startswith("error: "):
            raise UserError(last.removeprefix("error: "))
        raise RuntimeError(f"tracing the SavedModel of {model_folder} failed:\n{done.stderr}")


def _compare(model_folder: Path, writing: Path) -> float:
    import tensorflow as tf
    import tensorflow_text  # noqa: F401  registers the tokenizer's kernels
    from tokenizers import Tokenizer

    imported = load_hugging_face(model_folder)
    model = build_pretrainer(imported.config)
    assign_weights(model, imported)
    vocabulary = load_vocabulary(model_folder / "vocab.txt")
    texts = probe_texts(vocabulary)
    signature = tf.saved_model.load(str(writing)).signatures["serving_default"]
    found = {name: value.numpy() for name, value in signature(text=tf.constant(texts)).items()}
    tokenizer = Tokenizer.from_file(str(model_folder / "tokenizer.json"))
    tokenizer.enable_truncation(imported.config.longest_text)
    tokenizer.enable_padding(pad_id=vocabulary.pad_id)
    expected_ids = np.array([encoding.ids for encoding in tokenizer.encode_batch(texts)])
    if not np.array_equal(expected_ids, found["input_ids"]):
        raise ExportMismatchError(f"{writing}: the SavedModel's tokenizer gives other ids than tokenizer.json")
    inputs = {name: found[name] for name in ("input_ids", "input_mask", "segment_ids")}
    sequence = model.encoder.sequence_output(inputs)
    outputs = {"sequence_output": sequence, "pooled_output": model.encoder.pooled_output(sequence)}
    expected = {name: np.asarray(keras.ops.convert_to_numpy(value)) for name, value in outputs.items()}
    return require_close(expected, found, str(writing), _TOLERANCE)


def probe_texts(vocabulary: Vocabulary) -> list[str]:
    """Texts of words of the vocabulary, with punctuation, continuations, accents, ideographs and an unknown word."""
    pieces = [
        piece for i, piece in enumerate(vocabulary.pieces) if i not in vocabulary.special_ids | vocabulary.unused_ids
    ]
    step = max(1, len(pieces) // _PROBE_WORDS)
    words = [piece.removeprefix(CONTINUATION) for piece in pieces[::step]]
    return [
        " ".join(words),
        ", ".join(words[::3]) + "!",
        "".join(words[:5]),
        "Blåbær, «éclair»: 3.14",
        "日本語 the日",
        "",
    ]
