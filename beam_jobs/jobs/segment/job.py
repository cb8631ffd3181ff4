"""What every worker of a segment job knows, and how the job is opened."""

from dataclasses import dataclass, replace

from beam_jobs import storage
from beam_jobs.errors import UserError
from beam_jobs.execution.earlier_outputs import OUTPUT_KINDS
from beam_jobs.inputs.list_inputs import list_inputs
from beam_jobs.inputs.plan_ranges import FORMATS, InputItem, plan_hash, plan_ranges
from beam_jobs.inputs.splits import splits_of, tell_splits
from beam_jobs.jobs.segment.filters.decontaminate import hash_of_held_out
from beam_jobs.language_detection.model import model_file
from beam_jobs.records import WORK_FOLDER
from beam_jobs.settings import SegmentSettings, settings_hash

SEGMENT_STEP = "segment"
TEXTS = storage.join(WORK_FOLDER, "texts")
"""The folder of intermediate files: a copy of the corpus, which is removed when all sentence shards are written."""


@dataclass(frozen=True)
class SegmentJob:
    """The settings of a job, and what follows from them. It is small, and equal in every worker and launch."""

    settings: SegmentSettings
    output: str
    input_hash: str  # of the listing of the input
    started: float  # seconds since the epoch; used only for `time_taken_min`
    held_out: str = ""  # a hash of the n-grams of the evaluation files; "" if there are none

    @property
    def hash(self) -> str:
        """The hash of everything that decides the output bytes."""
        return settings_hash(self.settings, **self._content)

    @property
    def reusable(self) -> tuple[str, str]:
        """The step whose rows do not depend on the seed, and a hash of what they depend on.

        The seed orders blocks later, and near duplicates and lines are counted later.
        """
        same = replace(self.settings, random_seed=0, near_threshold=0.6, repeated_lines_keep="none")
        same = replace(same, repeated_lines=2 if same.compares_lines else 0, contained=0.0)
        return SEGMENT_STEP, settings_hash(same, **self._content)

    @property
    def _content(self) -> dict[str, str]:
        """The hashes of what is read."""
        return {"input": self.input_hash, **({"held_out": self.held_out} if self.held_out else {})}


def open_job(settings: SegmentSettings, started: float) -> tuple[SegmentJob, list[InputItem]]:
    """The job of these settings, and the plan of its input. Nothing is written yet.

    An output folder inside an input folder is not read, whether it belongs to this job or an earlier one. Raises
    UserError if a pattern of `--input` matches nothing, an evaluation file cannot be used, or the model that detects languages
    is not installed.
    """
    if settings.detects_languages:
        model_file()
    output = storage.absolute(settings.output)
    files = list_inputs(settings.input, FORMATS, own_output=output, not_text=OUTPUT_KINDS)
    if not files:
        raise UserError(
            f"--input {' '.join(settings.input)} lies inside --output {settings.output}; choose another --output"
        )
    names = [file.name for file in files]
    tell_splits(names, splits_of(names))
    job = SegmentJob(settings, output, plan_hash(files), started, hash_of_held_out(settings))
    return job, plan_ranges(files, settings)
