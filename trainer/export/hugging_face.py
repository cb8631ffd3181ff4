"""Hugging Face model folders, written and read without torch or transformers: safetensors and JSON.

A folder holds config.json, model.safetensors, tokenizer.json, tokenizer_config.json, vocab.txt, README.md, which is the
model card, and our own marker (`folder`). It loads as `BertForPreTraining` (with a factorised embedding, as
`AlbertForPreTraining`; a RoBERTa as `RobertaForMaskedLM`) with no key missing and none unexpected. The masked-LM decoder is tied to the word table and
therefore not stored a second time.
"""

import dataclasses
import json
import shlex
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from beam_jobs.errors import UserError
from trainer.export import weight_map
from trainer.export.export_folder import untrained_heads, written_folder
from trainer.export.finetuned.task_form import head_names
from trainer.export.hugging_face_names import hugging_face_config, layout_of, tensor_names
from trainer.export.parity import require_same_model
from trainer.export.tokenizer_files import TokenizerSettings
from trainer.export.weight_map import ImportedModel, Weights
from trainer.model.config import BertConfig
from trainer.model.encoder_with_heads import EncoderWithHeads
from vocab.padding import fits
from vocab.vocabulary import Vocabulary, load_vocabulary

CONFIG_NAME = "config.json"
WEIGHTS_NAME = "model.safetensors"
INDEX_NAME = "model.safetensors.index.json"
PICKLED = "pytorch_model*.bin"
CARD_NAME = "README.md"
FORM = "hugging_face"

_WRAPPERS = ("module.", "_orig_mod.", "model.")
_TIED = {
    "predictions.decoder.weight": "embeddings/word_embeddings",
    "predictions.decoder.bias": "masked_lm/bias",
    "vocab_projector.weight": "embeddings/word_embeddings",
    "lm_head.decoder.weight": "embeddings/word_embeddings",
    "lm_head.decoder.bias": "masked_lm/bias",
}


def save_hugging_face(
    model: EncoderWithHeads,
    config: BertConfig,
    vocabulary_file: str | Path,
    lower_case: bool,
    folder: str | Path,
    card: str,
    *,
    tokenizer: TokenizerSettings | None = None,
    untrained: Sequence[str] = (),
    beside: Mapping[str, bytes] = MappingProxyType({}),
) -> float:
    """Write a model folder, read it back and compare it, then rename it to its final name.

    Args:
        model: the model to export, its weights and both heads.
        config: its config; must be the model's own.
        vocabulary_file: the vocab.txt it was trained with.
        lower_case: whether text is lower-cased before tokenization.
        folder: where to write; an earlier export there, unchanged since, is replaced.
        card: the text of README.md; see `model_card`.
        tokenizer: the settings of the tokenizer, if there is more to set than `lower_case`.
        untrained: heads whose weights are random, for the folder's marker.
        beside: more files, by their names in the folder.

    Returns:
        The largest difference between the logits of the model and of what was read back.

    Raises:
        UserError: the vocabulary is not of the config's size (see `vocab.padding`), the next-sentence head has not 2
            labels, or `folder` holds something else.
        ExportMismatchError: what was read back differs.
    """
    weight_map.require_two_labels(config, f"{layout_of(config).architecture} of Hugging Face")
    vocabulary = fitting_vocabulary(vocabulary_file, config)
    require_positions(vocabulary, config, vocabulary_file)
    names, weights = tensor_names(config), weight_map.read_weights(model)
    left_out = {name: value for name, value in weights.items() if name.split("/")[0] in config.family.left_out}
    tensors = {names[name]: turned(name, value) for name, value in weights.items() if name not in left_out}
    untrained = [head for head in untrained if head not in config.family.left_out]
    with written_folder(folder, FORM, untrained) as writing:
        text = json.dumps(hugging_face_config(config, vocabulary.pad_id), indent=2, sort_keys=True) + "\n"
        (writing / CONFIG_NAME).write_text(text, encoding="utf-8")
        save_file(tensors, writing / WEIGHTS_NAME, metadata={"format": "pt"})
        settings = tokenizer or TokenizerSettings(lower_case)
        write_tokenizer = layout_of(config).write_tokenizer
        write_tokenizer(writing, vocabulary, settings, config.longest_text, config.type_vocab_size)
        (writing / CARD_NAME).write_text(card, encoding="utf-8")
        for name, content in beside.items():
            (writing / name).parent.mkdir(parents=True, exist_ok=True)
            (writing / name).write_bytes(content)
        found = load_hugging_face(writing)
        return require_same_model(model, dataclasses.replace(found, weights={**left_out, **found.weights}))


def _require_padding(content: Mapping[str, Any], config: BertConfig, source: Path) -> None:
    first = config.family.first_position
    if first and content.get("pad_token_id", first - 1) != first - 1:
        raise UserError(
            f"{source}: pad_token_id is {content['pad_token_id']!r}, but positions of a RoBERTa count from {first} here, behind a "
            f"padding piece with the id {first - 1}; take another checkpoint"
        )


def require_positions(vocabulary: Vocabulary, config: BertConfig, source: str | Path) -> None:
    """Raise UserError if a RoBERTa's positions do not count from the row behind its padding piece, as transformers count."""
    first = config.family.first_position
    if first and vocabulary.pad_id != first - 1:
        raise UserError(
            f"{source}: {vocabulary.special.pad} has the id {vocabulary.pad_id}, but positions of a RoBERTa count from {first}, "
            f"behind a padding piece with the id {first - 1}; take a vocabulary that begins with <s> <pad> </s> <unk>"
        )


def fitting_vocabulary(file: str | Path, config: BertConfig) -> Vocabulary:
    """The vocabulary in a file. Raises UserError if the word table of the network has another size."""
    vocabulary = load_vocabulary(file)
    if not fits(len(vocabulary), config.vocab_size):
        raise UserError(
            f"{file}: holds {len(vocabulary)} pieces, but the model has vocab_size {config.vocab_size}; "
            "export with the vocabulary it was trained with"
        )
    return vocabulary


def load_hugging_face(
    folder: str | Path, *, allow_missing: Collection[str] = (), hidden_act: str | None = None
) -> ImportedModel:
    """Read a model folder: config.json and model.safetensors, whole or in parts.

    Args:
        folder: the folder, as Hugging Face or `save_hugging_face` wrote it.
        allow_missing: of `HEADS` in `model/config.py`: heads that may be missing and stay as initialised.
        hidden_act: overrides the config's: Google's checkpoints were trained with the tanh form ("gelu_new"), but the
            config.json published beside their converted weights says "gelu", the erf form.

    Raises:
        UserError: a file is missing or damaged, or tensors are missing, unexpected or of another shape.
    """
    folder = Path(folder)
    content = read_json(folder / CONFIG_NAME)
    if hidden_act is not None:
        content["hidden_act"] = hidden_act
    config = BertConfig.from_dict(content, str(folder / CONFIG_NAME))
    _require_padding(content, config, folder / CONFIG_NAME)
    tensors = read_tensors(folder)
    names = tensor_names(config)
    prefix = layout_of(config).prefix
    if not any(name.startswith(prefix) for name in tensors):  # saved from the class that has no heads
        names = {ours: theirs.removeprefix(prefix) for ours, theirs in names.items()}
    weights: Weights = {}
    for ours, theirs in names.items():
        found = next((name for name in (theirs, _old_name(theirs)) if name in tensors), None)
        if found is not None:
            weights[ours] = turned(ours, np.asarray(tensors.pop(found), np.float32))
    task_head = take_task_head(config, tensors, weights)
    passed_over, unexpected = leftovers(tensors, weights, folder)
    initialised = weight_map.check_imported(
        config,
        weights,
        names=names,
        unexpected=unexpected,
        allow_missing={*allow_missing, *config.family.left_out},
        source=str(folder),
    )
    untrained = untrained_heads(folder, WEIGHTS_NAME)
    passed_over = (*passed_over, *(f"the task's head {name}" for name in sorted(task_head)))
    return ImportedModel(config, weights, "Hugging Face", str(folder), initialised, passed_over, untrained, task_head)


def take_task_head(config: BertConfig, tensors: Weights, weights: Weights) -> Weights:
    """Remove the weights of a fine-tuned model's head, and return them by our names, in our shapes.

    The dense layer in the head of a RoBERTa for sequences, which reads <s> through a tanh, is our pooler: it goes to
    `weights`.
    """
    found: Weights = {}
    for theirs, ours in head_names(config):
        for kind, name in (("kernel", f"{theirs}.weight"), ("bias", f"{theirs}.bias")):
            if name in tensors:
                place = weights if ours == "pooler" else found
                place[f"{ours}/{kind}"] = turned(f"{ours}/{kind}", np.asarray(tensors.pop(name), np.float32))
    return found


def _without_wrapper(tensors: Weights) -> Weights:
    """The tensors without the prefix that DataParallel, torch.compile or Lightning puts before every name."""
    while tensors:
        prefix = next((p for p in _WRAPPERS if all(name.startswith(p) for name in tensors)), None)
        if prefix is None:
            break
        tensors = {name.removeprefix(prefix): value for name, value in tensors.items()}
    return tensors


def turned(name: str, value: np.ndarray) -> np.ndarray:
    """The kernel transposed, because torch keeps kernels as [outputs, inputs]. Transposing is its own inverse."""
    return np.ascontiguousarray(value.T) if name.endswith("/kernel") else value


def _old_name(name: str) -> str:
    """The name as in files converted in 2018 and 2019, where the weight and bias of a LayerNorm are gamma and beta."""
    if "LayerNorm" not in name:
        return name
    return name.removesuffix(".weight") + ".gamma" if name.endswith(".weight") else name.removesuffix(".bias") + ".beta"


def leftovers(tensors: Weights, weights: Weights, folder: Path) -> tuple[tuple[str, ...], list[str]]:
    """The tensors that are not weights of our model: those that are known, and the unexpected.

    Tied copies must be equal.
    """
    passed_over, unexpected = [], []
    for name, value in tensors.items():
        tied = next((weights.get(ours) for suffix, ours in _TIED.items() if name.endswith(suffix)), None)
        if tied is not None:
            if not np.array_equal(np.asarray(value, np.float32), tied):
                raise UserError(f"{folder}: {name} differs from the word table; this trainer builds tied heads only")
            passed_over.append(name)
        elif name.endswith(("embeddings.position_ids", "embeddings.token_type_ids")):
            passed_over.append(name)
        else:
            unexpected.append(name)
    return tuple(sorted(passed_over)), unexpected


def read_tensors(folder: Path) -> Weights:
    """All tensors of a model folder by name, from one file or from several, without the prefix of a wrapper.

    Raises UserError if a file is missing or damaged.
    """
    files = [WEIGHTS_NAME]
    if not (folder / WEIGHTS_NAME).exists() and (folder / INDEX_NAME).exists():
        files = sorted(set(read_json(folder / INDEX_NAME)["weight_map"].values()))
    tensors: Weights = {}
    for name in files:
        try:
            tensors |= load_file(folder / name)
        except FileNotFoundError as error:
            pickled = any(folder.glob(PICKLED))
            remedy = conversion_remedy(folder) if pickled else "name a complete model folder"
            raise UserError(f"{folder / name}: no such file; {remedy}") from error
        except (SafetensorError, OSError) as error:
            raise UserError(
                f"{folder / name}: cannot read the weights ({error}); fetch or export them again"
            ) from error
    return _without_wrapper(tensors)


def conversion_remedy(folder: Path) -> str:
    """How to convert torch's pickled weights to safetensors.

    They are not opened here, since a pickle can run any code.
    """
    code = (
        "import glob, torch; from safetensors.torch import save_file; "
        f"folder = {json.dumps(str(folder))}; "
        f"parts = [torch.load(p, 'cpu', weights_only=True) for p in glob.glob(glob.escape(folder) + '/{PICKLED}')]; "
        "save_file({k: v.clone().contiguous() for part in parts for k, v in part.items()}, "
        f"folder + '/{WEIGHTS_NAME}', {{'format': 'pt'}})"
    )
    return (
        f"there are only pickled weights ({PICKLED}), which are never opened here; convert them, where torch and "
        f"safetensors are installed, with: python -c {shlex.quote(code)}"
    )


def read_json(path: Path) -> dict[str, Any]:
    """The JSON object in a file of a model folder. Raises UserError if there is none."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise UserError(f"{path}: no such file; name a model folder with {path.name}") from error
    except (OSError, ValueError, RecursionError) as error:
        raise UserError(f"{path}: cannot read it: {error}") from error
    if not isinstance(content, dict):
        raise UserError(f"{path}: must hold a JSON object")
    return content
