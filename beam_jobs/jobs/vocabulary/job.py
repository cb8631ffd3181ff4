"""What every worker of a vocabulary job knows, and how the job is opened."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from beam_jobs import storage
from beam_jobs.errors import UserError
from beam_jobs.execution.earlier_outputs import OUTPUT_KINDS, SENTENCES
from beam_jobs.inputs.find_sentences import corpora_among, files_of_corpus
from beam_jobs.inputs.input_file import InputFile
from beam_jobs.inputs.list_inputs import list_inputs
from beam_jobs.inputs.match_inputs import file_identity
from beam_jobs.inputs.plan_ranges import FORMATS, InputItem, InputPiece, plan_hash, plan_ranges, work_bytes
from beam_jobs.inputs.sample_items import sample_items
from beam_jobs.records import MANIFEST_NAME, STATS_NAME
from beam_jobs.settings import SegmentSettings, VocabularySettings, settings_hash

_MIN_ITEM, _MAX_ITEM = 4 << 20, 256 << 20  # bytes of text that are counted together; fewer items mean less to add up
_ITEMS_WANTED = 64  # a small corpus gets smaller items, so that every core gets work
_SLICE_BYTES = 32 << 30  # of a corpus: a slice of its words is then about a million, see `counts_file.py`
_PLAIN_NAME = re.compile(r"[\w.-]*\w[\w.-]*")


@dataclass(frozen=True)
class VocabularyJob:
    """The settings of a job, and what follows from them. It is small, and equal in every worker and launch."""

    settings: VocabularySettings
    output: str
    input_hash: str  # of the listing of the input
    started: float  # seconds since the epoch; used only for `time_taken_min`
    slices: int = 1  # of each partition of the words
    input_bytes: int = 0  # of all of the input, as stored

    @property
    def hash(self) -> str:
        """The hash of everything that decides the output bytes."""
        return settings_hash(self.settings, input=self.input_hash)

    @property
    def counts_hash(self) -> str:
        """The hash of everything that the counts of an item depend on, without the settings of the learner."""
        plain = replace(self.settings, vocab_size=0, min_frequency=0, alphabet_size=0, name="")
        return settings_hash(plain, input=self.input_hash)

    @property
    def model_class_name(self) -> str:
        """Name of the model-class file in the output folder."""
        return f"{self.settings.name}.json"

    @property
    def reading(self) -> SegmentSettings:
        """The settings for the readers. Each line of a .txt file is a document, since documents do not matter here."""
        return SegmentSettings(text_field=self.settings.text_field, documents_are="lines")


def open_vocabulary_job(settings: VocabularySettings, started: float) -> tuple[VocabularyJob, list[InputItem]]:
    """The job of these settings, and the plan of its input. Nothing is written yet.

    If a folder has a manifest of sentences, the input is the shards of that manifest and no other file. An output
    folder inside an input folder is not read, whether it belongs to this job or an earlier one. Raises UserError if a
    pattern of `--input` matches nothing, or if `--name` cannot be the name of a file.
    """
    name = settings.name
    if not _PLAIN_NAME.fullmatch(name) or f"{name}.json" in (MANIFEST_NAME, STATS_NAME):
        raise UserError(f"--name {name!r} cannot be a file's name here; use letters, digits, '_', '-' and '.'")
    output = storage.absolute(settings.output)
    files = _find_text(settings.input, output)
    job = VocabularyJob(settings, output, plan_hash(files), started)
    items = plan_ranges(files, job.reading)
    sample = sample_items(items, int(settings.sample_mb * 1e6))
    slices = -(-sum(map(work_bytes, sample)) // _SLICE_BYTES) or 1
    return replace(job, slices=slices, input_bytes=sum(item.size for item in items)), _join_items(sample)


def _find_text(inputs: Sequence[str], output: str) -> list[InputFile]:
    files: list[InputFile] = []
    patterns: list[str] = []
    for path, manifest in corpora_among(inputs).items():
        if manifest is None:
            patterns.append(path)
        elif manifest.kind == SENTENCES:
            shards = files_of_corpus(storage.absolute(path), manifest)
            files += [InputFile(shard.uri, shard.name, shard.size) for shard in shards]
        else:
            raise UserError(f"--input {path} holds {manifest.kind}, not text; name raw text or sentence shards")
    if patterns:
        found = list_inputs(patterns, FORMATS, own_output=output, not_text=OUTPUT_KINDS)
        claimed = {file_identity(file.uri) for file in files}
        files += [file for file in found if not claimed or file_identity(file.uri) not in claimed]
    if not files:
        raise UserError(f"--input {' '.join(inputs)} lies inside --output {output}; choose another --output")
    return sorted(files, key=lambda file: (file.name, file.uri))


def _join_items(items: Sequence[InputItem]) -> list[InputItem]:
    """Neighbouring items, joined up to the size that is counted together. Like the items, a function of the listing."""
    wanted = max(_MIN_ITEM, min(sum(map(work_bytes, items)) // _ITEMS_WANTED, _MAX_ITEM))
    joined: list[InputItem] = []
    pieces: list[InputPiece] = []
    work = 0

    def close() -> None:
        if pieces:
            joined.append(InputItem(len(joined), sum(piece.size for piece in pieces), tuple(pieces)))

    for item in items:
        if pieces and work + work_bytes(item) > wanted:
            close()
            pieces, work = [], 0
        pieces += item.pieces
        work += work_bytes(item)
    close()
    return joined
