"""Finds the folder of instance records that a phase trains on, and checks that records, vocabulary and plan agree."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from beam_jobs import storage
from beam_jobs.errors import UserError
from beam_jobs.records import MANIFEST_NAME, Manifest
from trainer.data.records_fingerprint import records_fingerprint
from trainer.data.split import has_foreign_records, read_manifest
from trainer.plans.plan import Phase


@dataclass(frozen=True)
class CorpusFolder:
    """A folder of instance shards.

    Records of other tools have no manifest, so only the records themselves can be examined.
    """

    uri: str
    manifest: Manifest | None

    @property
    def settings(self) -> Mapping[str, Any]:
        """The settings of the job that wrote it; empty without a manifest."""
        return self.manifest.settings if self.manifest else {}

    @property
    def labels(self) -> int:
        """How many values the next-sentence label of a record may have; 0: the records have no second-segment task."""
        if self.manifest and self.manifest.labels is not None:
            return len(self.manifest.labels)
        return 0 if self.settings.get("objective") == "full_sentences" else 2  # the manifest is of an earlier version

    @property
    def is_dynamic(self) -> bool:
        """Whether the records are not masked yet."""
        return self.settings.get("masking") == "dynamic"

    @property
    def splits(self) -> set[str]:
        """The splits that have shards; empty without a manifest."""
        return {shard.split for shard in self.manifest.shards} if self.manifest else set()

    @property
    def train_split(self) -> str:
        """The split to train on: `train` when the input was split, else `default`."""
        return "train" if "train" in self.splits else "default"

    def instances(self, split: str) -> int | None:
        """The number of instances of a split; None if it is not known."""
        if self.manifest is None:
            return None
        return sum(shard.records for shard in self.manifest.shards if shard.split == split)

    @property
    def content(self) -> str:
        """Identifies the records independent of the folder's name; part of the identity of a run.

        Records of other tools are read for this. Raises UserError if they cannot be read.
        """
        if self.manifest:
            return f"instances {self.manifest.settings_hash}"
        return records_fingerprint(self.uri, self.train_split)

    @property
    def former_content(self) -> str:
        """The content as runs of an earlier version identify it."""
        return self.content if self.manifest else f"records {self.uri}"


def find_folders(data: Sequence[str]) -> list[CorpusFolder]:
    """The corpus folders among `data` and the folders directly below them, in that order.

    Raises UserError for a folder that cannot be reached or that holds no instances.
    """
    found: list[CorpusFolder] = []
    for uri in data:
        here = _open_folder(uri)
        below = [] if here else [folder for folder in map(_open_folder, _subfolders(uri)) if folder]
        usable = [here] if here else below
        if not usable:
            raise UserError(
                f"{uri}: no instance records (TFRecord shards) here; name the output of the instances job with --data"
            )
        found += usable
    return found


def folder_for(phase: Phase, folders: Sequence[CorpusFolder]) -> CorpusFolder:
    """The folder whose records have the phase's sequence length, or that the phase names by its last path element.

    Raises UserError when there is none, or more than one.
    """
    named = [folder for folder in folders if not phase.data or folder.uri.rstrip("/").split("/")[-1] == phase.data]
    if not named:
        there = ", ".join(folder.uri for folder in folders)
        raise UserError(f"phase {phase.name} wants the data folder {phase.data!r}, but --data has {there}")
    unknown = [folder for folder in named if not folder.manifest]
    fitting = [folder for folder in named if folder.settings.get("max_seq_length") == phase.sequence_length] or unknown
    if not fitting:
        there = ", ".join(f"{folder.uri} ({folder.settings.get('max_seq_length')})" for folder in named)
        raise UserError(
            f"phase {phase.name} has sequence_length {phase.sequence_length}, but the records have another: {there}; "
            f"make some with --max_seq_length {phase.sequence_length}, or change the plan"
        )
    if len(fitting) > 1:
        there = ", ".join(folder.uri for folder in fitting)
        raise UserError(
            f"phase {phase.name}: several folders have its sequence length: {there}; name one as data in the plan"
        )
    return fitting[0]


def fit_phase(phase: Phase, folder: CorpusFolder) -> Phase:
    """The phase with what its records decide: predictions per row. UserError when plan and records disagree."""
    settings = folder.settings
    stored = settings.get("max_predictions_per_seq")
    if stored and not phase.max_predictions:
        phase = dataclasses.replace(phase, max_predictions=stored)
    elif stored and not folder.is_dynamic and phase.max_predictions != stored:
        raise UserError(
            f"phase {phase.name} has max_predictions {phase.max_predictions}, but the records in {folder.uri} have {stored}; "
            "leave it out of the plan"
        )
    if not folder.labels and phase.next_sentence_weight:
        raise UserError(
            f"phase {phase.name}: {folder.uri} holds records without a second-segment task; "
            "set next_sentence_weight = 0 in the plan"
        )
    if phase.packing and folder.manifest and not folder.is_dynamic:
        raise UserError(
            f"phase {phase.name} packs rows, which needs records made with --masking=dynamic; {folder.uri} has static ones"
        )
    return phase


def check_vocabulary(
    folder: CorpusFolder, pieces: int, vocab_sha256: str, model_class: str, lower_case: bool | None = None
) -> None:
    """Raise UserError when the records were made with another vocabulary, or another casing, than the model's."""
    vocabulary = folder.manifest.vocabulary if folder.manifest else {}
    size, digest = vocabulary.get("size"), vocabulary.get("sha256")
    made_with = vocabulary.get("model_class", "another model class")
    remedy = f"train with --model_class of the data ({made_with}), or make instances for {model_class}"
    if size and size != pieces:
        raise UserError(
            f"{folder.uri}: its vocabulary has {size:,} pieces but model class {model_class} has {pieces:,}; {remedy}"
        )
    if digest and vocab_sha256 and digest != vocab_sha256:
        raise UserError(f"{folder.uri}: made with another vocabulary than that of model class {model_class}; {remedy}")
    made_lower = vocabulary.get("lower_case")
    if None not in (made_lower, lower_case) and made_lower != lower_case:
        raise UserError(
            f"{folder.uri}: its text was {'' if made_lower else 'not '}lower-cased, but model class {model_class} has "
            f"lower_case {str(lower_case).lower()}, and its users would read other pieces; {remedy}"
        )


def _open_folder(uri: str) -> CorpusFolder | None:
    """The corpus folder at `uri`, or None when there is none; UserError when what is there cannot be used."""
    names = [name for name, _ in storage.list_files(uri)]
    if not names:
        raise UserError(f"{uri}: no such folder, or an empty one; name the output of the instances job with --data")
    if MANIFEST_NAME not in names:
        return CorpusFolder(uri, None) if has_foreign_records(names) else None
    manifest = read_manifest(uri)
    return CorpusFolder(uri, manifest) if manifest.kind == "instances" else None


def _subfolders(uri: str) -> list[str]:
    names = [name for name, _ in storage.list_files(uri)]
    return [storage.join(uri, folder) for folder in sorted({name.split("/")[0] for name in names if "/" in name})]
