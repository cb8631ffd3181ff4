"""What every worker of a segment job knows, and what its output folder starts with."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from beam_jobs.records import WORK_FOLDER
from beam_jobs.settings import SegmentSettings, settings_hash
from beam_jobs.transforms import storage
from beam_jobs.transforms.earlier_outputs import OUTPUT_KINDS
from beam_jobs.transforms.list_inputs import list_inputs
from beam_jobs.transforms.output_folder import temporary_folder
from beam_jobs.transforms.plan_ranges import FORMATS, InputItem, item_from_json, plan_hash, plan_ranges
from beam_jobs.transforms.progress import announce_step
from beam_jobs.transforms.splits import splits_of, tell_splits
from vocab.errors import UserError

SEGMENT_STEP = "segment"
PLAN = storage.join(WORK_FOLDER, "plan.jsonl")

Place = tuple[int, int, int]
"""An item's index and where its line lies in the plan file: byte offset and length."""


@dataclass(frozen=True)
class SegmentJob:
    """The settings of a job with what follows from them; small, and the same for every worker and launch."""

    settings: SegmentSettings
    output: str
    input_hash: str  # of the listing of the input
    started: float  # seconds since the epoch; goes into `time_taken_min` alone

    @property
    def hash(self) -> str:
        """The hash of all that decides the output bytes."""
        return settings_hash(self.settings, input=self.input_hash)

    @property
    def reusable(self) -> tuple[str, str]:
        """The step that knows nothing of the seed, which orders the blocks of sentences, and what its rows depend on."""
        return SEGMENT_STEP, settings_hash(replace(self.settings, random_seed=0), input=self.input_hash)


def open_job(settings: SegmentSettings, started: float) -> tuple[SegmentJob, list[InputItem]]:
    """The job that `settings` describe, and the plan of its input. Nothing is written yet.

    An output folder inside an input folder is no input, neither this job's nor an earlier one's. Raises UserError when a
    pattern of `--input` matches nothing.
    """
    output = storage.absolute(settings.output)
    files = list_inputs(settings.input, FORMATS, own_output=output, not_text=OUTPUT_KINDS)
    if not files:
        raise UserError(
            f"--input {' '.join(settings.input)} lies inside --output {settings.output}; choose another --output"
        )
    names = [file.name for file in files]
    tell_splits(names, splits_of(names))
    job = SegmentJob(settings, output, plan_hash(files), started)
    return job, plan_ranges(files, settings)


def write_plan(items: Sequence[InputItem], output: str, step: str = SEGMENT_STEP) -> list[Place]:
    """Write the plan of `step` below the output folder, so that the pipeline itself stays small however long the plan is.

    Returns the place of every item, in order.
    """
    places: list[Place] = []
    offset = 0
    with storage.atomic_writer(storage.join(output, PLAN), temporary_folder(output)) as stream:
        for item in items:
            line = item.to_json()
            stream.write(line)
            places.append((item.index, offset, len(line)))
            offset += len(line)
    announce_step(output, step, "ranges", len(items), sum(item.size for item in items))
    return places


def read_plan(place: Place, output: str) -> InputItem:
    """The item that `write_plan` wrote at `place`."""
    _, offset, length = place
    with storage.open_input(storage.join(output, PLAN), offset) as stream:
        return item_from_json(stream.read(length))
