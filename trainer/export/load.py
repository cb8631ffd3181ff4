"""Reads the checkpoint that a plan or a user names, and finds out from the files which kind it is."""

from collections.abc import Collection
from pathlib import Path

from beam_jobs import storage
from beam_jobs.errors import UserError
from trainer.export.distilbert import is_distilbert, load_distilbert
from trainer.export.hub_models import fetched_model, repository_of
from trainer.export.hugging_face import (
    CONFIG_NAME,
    INDEX_NAME,
    PICKLED,
    WEIGHTS_NAME,
    conversion_remedy,
    load_hugging_face,
)
from trainer.export.model_garden import load_model_garden
from trainer.export.original_bert import load_original_bert
from trainer.export.tensorflow_checkpoint import OBJECT_GRAPH, TensorFlowCheckpoint
from trainer.export.weight_map import ImportedModel
from trainer.model.config import BertConfig


def load_checkpoint(
    path: str | Path,
    *,
    config: BertConfig | None = None,
    allow_missing: Collection[str] = (),
    hidden_act: str | None = None,
) -> ImportedModel:
    """Read a Hugging Face folder, of a DistilBERT too, an original BERT checkpoint or a Model Garden checkpoint.

    Args:
        path: a folder, or for TensorFlow checkpoints also the prefix of one.
        config: the network's config where no config file lies beside a TensorFlow checkpoint.
        allow_missing: of `HEADS` in `model/config.py`: heads that may be missing and stay as initialised;
            they are listed in the result's `initialised`.
        hidden_act: "gelu" (erf form) or "gelu_new" (tanh form), to override the config file's.

    Raises:
        UserError: nothing readable is there, or it is not a complete checkpoint of a BERT.
    """
    path = storage.require_local(
        str(path), "checkpoints are read from local disk; copy it here first and name the copy"
    )
    if repository_of(str(path)):
        path = fetched_model("checkpoint", str(path))
    if not path.exists() and not path.parent.is_dir():
        raise UserError(f"{path}: no such checkpoint; name a folder or a checkpoint prefix")
    whole = path.is_dir() and any((path / name).exists() for name in (WEIGHTS_NAME, INDEX_NAME))
    if whole or (path.is_dir() and (path / CONFIG_NAME).exists() and not any(path.glob("*.index"))):
        load_folder = load_distilbert if is_distilbert(path) else load_hugging_face  # its error says what is missing
        return load_folder(path, allow_missing=allow_missing, hidden_act=hidden_act)
    weights = path if path.is_dir() else path.parent
    if path.suffix in (".bin", ".safetensors") or (
        path.is_dir() and any(path.glob(PICKLED)) and not any(path.glob("*.index"))
    ):
        if path.suffix == ".safetensors":
            raise UserError(f"{path}: name the folder with its config.json, {weights}")
        raise UserError(f"{path}: {conversion_remedy(weights)}")
    has_graph = OBJECT_GRAPH in TensorFlowCheckpoint(path).shapes
    load = load_model_garden if has_graph else load_original_bert
    return load(path, config=config, allow_missing=allow_missing, hidden_act=hidden_act)
