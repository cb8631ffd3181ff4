"""The teacher: its network, its weights, which never change, and the vocabulary that it reads."""

from collections.abc import Mapping
from dataclasses import dataclass

import keras
import numpy as np

from beam_jobs import storage
from beam_jobs.errors import UserError
from beam_jobs.records import VOCABULARY_NAME
from trainer.data.corpus_folder import CorpusFolder
from trainer.devices.runtime import Runtime
from trainer.export.weight_map import weight_path
from trainer.finetuning.start import Start, read_start
from trainer.model.attention.kernel import choose_kernel
from trainer.model.config import BertConfig
from trainer.model.states_and_logits import build_teacher
from trainer.plans.distillation import Distillation
from trainer.plans.settings import ModelSettings
from trainer.run.init_identity import weights_digest
from trainer.tasks.distillation import where_logits
from vocab.vocabulary import split_pieces

_USED = ("embeddings/", "encoder/", "masked_lm/")  # without pooler and next-sentence head, which no loss reads


@dataclass(frozen=True)
class Teacher:
    """A trained model that a student learns from."""

    name: str  # as the user calls it
    start: Start
    vocabulary: tuple[str, ...]  # its pieces in order; empty if it has no vocab.txt

    @property
    def config(self) -> BertConfig:
        """Its network."""
        return self.start.imported.config

    @property
    def predicts(self) -> bool:
        """Whether it has a trained masked-LM head."""
        return "masked_lm" not in self.start.imported.untrained_heads

    @property
    def pieces(self) -> int:
        """The number of pieces of its vocabulary; all ids are below it."""
        return len(self.vocabulary) or self.config.vocab_size

    @property
    def digest(self) -> str:
        """Identifies its weights, wherever they lie and in whatever layout."""
        weights = self.start.imported.weights
        return "sha256 " + weights_digest({name: weights[name] for name in weights if name.startswith(_USED)})


def read_teacher(path: str, settings: Distillation) -> Teacher:
    """Read a run, or a checkpoint of another tool.

    Raises UserError if there is none, if it lacks a head that the settings need, or if its layers share their weights.
    """
    start = read_start(path)
    if start.imported.config.share_layers:
        raise UserError(
            f"{path}: its layers share their weights (an ALBERT), so a student with fewer layers would be no smaller; distil "
            "a model whose layers have weights of their own"
        )
    vocabulary = start.tokenizer.get(VOCABULARY_NAME)
    teacher = Teacher(path, start, tuple(split_pieces(vocabulary, path)) if vocabulary else ())
    if settings.predicts and not teacher.predicts:
        raise UserError(
            f"{path}: has no trained masked-LM head, whose predictions a student could learn; add --hidden_states_only to "
            "distil its last hidden states alone"
        )
    return teacher


def require_its_pieces(teacher: Teacher, folder: CorpusFolder) -> None:
    """Raise UserError if instances were made with another vocabulary or casing than the teacher's, as far as is known."""
    made_with = folder.manifest.vocabulary if folder.manifest else {}
    content = storage.read_if_there(storage.join(folder.uri, VOCABULARY_NAME))
    there = tuple(split_pieces(content, folder.uri)) if content else ()
    size = len(there) or made_with.get("size") or teacher.pieces
    if size != teacher.pieces or (there and teacher.vocabulary and there != teacher.vocabulary):
        difference = f"{size:,} pieces, not {teacher.pieces:,}" if size != teacher.pieces else "other pieces"
        raise UserError(
            f"{folder.uri}: made with another vocabulary than that of the teacher {teacher.name} ({difference}); make "
            "instances with the teacher's vocab.txt"
        )
    made_lower, lower = made_with.get("lower_case"), teacher.start.lower_case
    if None not in (made_lower, lower) and made_lower != lower:
        raise UserError(
            f"{folder.uri}: its text was {'' if made_lower else 'not '}lower-cased, but that of the teacher {teacher.name} "
            f"was {'' if lower else 'not '}; make instances as the teacher reads text"
        )


def teaching_network(
    teacher: Teacher, settings: Distillation, model: ModelSettings, runtime: Runtime
) -> tuple[keras.Model, Mapping[str, np.ndarray]]:
    """The network that a task compares with, and its weights by the paths of its variables."""
    attention = choose_kernel(model.attention, runtime.platform, teacher.config, runtime.mesh, runtime.device_kind)
    network = build_teacher(
        teacher.config, where=where_logits(settings), compute_dtype=model.compute_dtype, attention=attention
    )
    weights = teacher.start.imported.weights
    return network, {variable.path: weights[weight_path(variable)] for variable in network.trainable_variables}
