"""The settings of the vocabulary job."""

from dataclasses import dataclass

from beam_jobs.errors import Problems, raise_first
from beam_jobs.settings.checks import common_problems, count_problems, share_problems
from beam_jobs.settings.field import setting
from beam_jobs.settings.shared import (
    RAW_INPUT,
    input_setting,
    max_num_cpus_setting,
    max_rejected_setting,
    normalize_setting,
    output_setting,
    run_name_setting,
    shards_per_worker_setting,
    silence_setting,
    text_field_setting,
)


@dataclass(frozen=True)
class VocabularySettings:
    """Text to a WordPiece vocabulary and its model class."""

    input: tuple[str, ...] = input_setting(RAW_INPUT + "; sentence shards too")
    output: str = output_setting()
    text_field: str = text_field_setting()
    normalize: str = normalize_setting()
    vocab_size: int = setting(32_000, "pieces in the vocabulary, special ones included")
    lower_case: bool = setting(
        False, "lower-case and strip accents, as the uncased BERT models do (this turns å into a)"
    )
    min_frequency: int = setting(2, "pieces seen less often are not learned")
    alphabet_size: int = setting(1000, "single characters kept at most, the most frequent ones")
    sample_mb: float = setting(
        0.0,
        "count about this many MB of text instead of all of it: ranges of the input of 1 to 8 MB, or whole compressed files, "
        "one at random from each of evenly spread places; always the same ones for the same input, whatever runs the job; "
        "the statistics say how much was read; 0 means all",
        metavar="MB",
        in_hash_at_default=False,
    )
    name: str = setting("custom", "name of the model class that is written beside the vocabulary", metavar="NAME")
    max_rejected: float = max_rejected_setting()
    max_num_cpus: int = max_num_cpus_setting()
    shards_per_worker: int = shards_per_worker_setting()
    run_name: str = run_name_setting()
    silence: tuple[str, ...] = silence_setting()

    def validate(self) -> None:
        """Raise UserError, naming the setting and the remedy, if the job cannot run with these settings."""
        raise_first(self.problems(), "--")

    def problems(self) -> Problems:
        """What is wrong with these settings. Each check relies on those before it."""
        yield from common_problems(self, self.input, self.output)
        if not 100 <= self.vocab_size <= 1_000_000:
            yield "vocab_size", f"{self.vocab_size} must lie between 100 and 1000000; 32000 is usual"
        if self.min_frequency < 1:
            yield "min_frequency", f"{self.min_frequency} must be at least 1"
        if self.alphabet_size < 1:
            yield "alphabet_size", f"{self.alphabet_size} must be at least 1"
        if self.sample_mb < 0:
            yield "sample_mb", f"{self.sample_mb} must be a number of MB, or 0 to count all of the input"
        yield from share_problems(self, "max_rejected")
        yield from count_problems(self)
