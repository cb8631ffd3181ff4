"""The settings of the embed job."""

from dataclasses import dataclass

from beam_jobs.errors import Problems, raise_first
from beam_jobs.settings.checks import common_problems, count_problems, share_problems
from beam_jobs.settings.field import setting
from beam_jobs.settings.shared import (
    RAW_INPUT,
    input_setting,
    max_num_cpus_setting,
    max_rejected_setting,
    output_setting,
    run_name_setting,
    text_field_setting,
)

_SWITCH = ("model", "yes", "no")


@dataclass(frozen=True)
class EmbedSettings:
    """Raw documents to shards of vectors. What a vector is: see `trainer embed`, whose settings have the same names."""

    input: tuple[str, ...] = input_setting(RAW_INPUT + "; in .txt files each line is a text")
    output: str = output_setting()
    model: str = setting(
        "",
        "what gives the vectors: the output of pretrain or finetune, or a checkpoint folder of Hugging Face or "
        "sentence-transformers; every worker reads it there",
        metavar="DIR",
        affects_output=False,
    )
    text_field: str = text_field_setting()
    id_field: str = setting(
        "id", "the JSON field or Parquet column with a text's id; without one, its position", metavar="FIELD"
    )
    per: str = setting("text", "what gets a vector", choices=("text", "word", "piece"))
    pooling: str = setting(
        "model",
        "pieces to one vector; model: as the folder of sentence-transformers says, or else their mean",
        choices=("model", "mean", "cls", "max", "pooler", "none"),
    )
    layers: str = setting(
        "-1", "-1 is the last layer, 0 the embeddings; --layers=-4:-1 the last four", metavar="all|-1|-4:-1"
    )
    combine: str = setting("mean", "several layers to one", choices=("last", "mean", "sum", "concat"))
    normalize: str = setting("model", "vectors of length 1; model: as its folder says, or else not", choices=_SWITCH)
    lower_case: str = setting("model", "whether the model lower-cases, if its files do not say it", choices=_SWITCH)
    max_seq_length: int = setting(
        0, "longest row of pieces; longer texts are cut, and counted; 0: what the model reads"
    )
    batch: int = setting(32, "texts at once")
    max_rejected: float = max_rejected_setting()
    max_num_cpus: int = max_num_cpus_setting()
    run_name: str = run_name_setting()

    def validate(self) -> None:
        """Raise UserError, naming the setting and the remedy, if the job cannot run with these settings."""
        raise_first(self.problems(), "--")

    def problems(self) -> Problems:
        """What is wrong with these settings; what does not fit the model shows when it is loaded."""
        yield from common_problems(self, self.input, self.output)
        if not self.model:
            yield "model", "is missing: name the model that gives the vectors"
        if not self.text_field:
            yield "text_field", "is empty: name the field that holds the text"
        if self.batch < 1:
            yield "batch", f"{self.batch} must be at least 1; 32 is usual"
        yield from share_problems(self, "max_rejected")
        yield from count_problems(self)
