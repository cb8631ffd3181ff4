"""What every worker of an embed job knows, and how the job is opened."""

from dataclasses import dataclass

from beam_jobs import storage
from beam_jobs.errors import UserError
from beam_jobs.execution.earlier_outputs import OUTPUT_KINDS
from beam_jobs.inputs.list_inputs import list_inputs
from beam_jobs.inputs.plan_ranges import FORMATS, InputItem, plan_hash, plan_ranges
from beam_jobs.jobs.embed.model import embedder_of, model_digest
from beam_jobs.settings import EmbedSettings, SegmentSettings, settings_hash


@dataclass(frozen=True)
class EmbedJob:
    """The settings of a job, and what follows from them. It is small, and equal in every worker and launch."""

    settings: EmbedSettings
    output: str
    model: str  # an absolute path or URI
    model_digest: str  # of weights, network and tokenizer
    width: int  # of a vector
    told: str  # what is computed, in words
    input_hash: str  # of the listing of the input
    items: int
    started: float  # seconds since the epoch; used only for `time_taken_min`

    @property
    def hash(self) -> str:
        """The hash of everything that decides the output bytes."""
        return settings_hash(self.settings, input=self.input_hash, model=self.model_digest)

    @property
    def reading(self) -> SegmentSettings:
        """The settings for the readers. Each line of a .txt file is a text, as for `trainer embed`."""
        settings = self.settings
        return SegmentSettings(text_field=settings.text_field, id_field=settings.id_field, documents_are="lines")


def open_job(settings: EmbedSettings, started: float) -> tuple[EmbedJob, list[InputItem]]:
    """The job of these settings, and the plan of its input. Nothing is written yet.

    The model is loaded, so that what is wrong with it, or does not fit it, is told before anything runs.

    Raises:
        UserError: a pattern of `--input` matches nothing, the trainer's packages are not installed, or the model cannot be
            read or does not fit the settings.
    """
    output = storage.absolute(settings.output)
    files = list_inputs(settings.input, FORMATS, own_output=output, not_text=OUTPUT_KINDS)
    if not files:
        raise UserError(
            f"--input {' '.join(settings.input)} lies inside --output {settings.output}; choose another --output"
        )
    reading = SegmentSettings(text_field=settings.text_field, documents_are="lines")
    items = plan_ranges(files, reading)
    model = storage.absolute(settings.model)
    digest = model_digest(model, settings)
    with embedder_of(model, settings, digest).lend() as embedder:
        width, told = embedder.width, embedder.settings.told
    return EmbedJob(settings, output, model, digest, width, told, plan_hash(files), len(items), started), items
