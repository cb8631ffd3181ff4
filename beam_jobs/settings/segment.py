"""The settings of the segment job."""

from dataclasses import dataclass

from beam_jobs.errors import Problems, raise_first
from beam_jobs.settings.checks import common_problems, count_problems, shard_size_problems, share_problems
from beam_jobs.settings.cleaning import (
    decontaminate_problems,
    decontaminate_setting,
    decontaminate_share_setting,
    decontaminate_words_setting,
    mask_problems,
    mask_setting,
    max_filtered_setting,
)
from beam_jobs.settings.duplicates import (
    duplicates_problems,
    duplicates_setting,
    near_threshold_setting,
    shingle_words_setting,
)
from beam_jobs.settings.field import setting
from beam_jobs.settings.languages import (
    detect_language_setting,
    language_codes,
    languages_problems,
    languages_setting,
)
from beam_jobs.settings.quality import confidence_field_setting, drop_setting, quality_problems, quality_setting
from beam_jobs.settings.repeated_lines import (
    contained_problems,
    contained_setting,
    repeated_lines_keep_setting,
    repeated_lines_problems,
    repeated_lines_setting,
)
from beam_jobs.settings.scanned_text import (
    dehyphenate_sample_mb_setting,
    dehyphenate_setting,
    page_furniture_setting,
    scanned_text_problems,
)
from beam_jobs.settings.shared import (
    RAW_INPUT,
    input_setting,
    max_num_cpus_setting,
    max_rejected_setting,
    normalize_setting,
    output_setting,
    random_seed_setting,
    run_name_setting,
    shards_per_worker_setting,
    silence_setting,
    text_field_setting,
)
from beam_jobs.settings.where import where_problems, where_setting


@dataclass(frozen=True)
class SegmentSettings:
    """Raw documents to sentence shards."""

    input: tuple[str, ...] = input_setting(RAW_INPUT)
    output: str = output_setting()
    text_field: str = text_field_setting()
    pair_field: str = setting(
        "",
        "for pairs, such as docstrings and code: the field or column with the second text; each record becomes a document of "
        "two lines, its two texts, which are not cut into sentences (--objective pairs_given)",
        metavar="FIELD",
        in_hash_at_default=False,
    )
    id_field: str = setting(
        "id", "the JSON field or Parquet column with a document's id; without one, its position", metavar="FIELD"
    )
    documents_are: str = setting(
        "files",
        "what a document is in a .txt file: the file, a line, or a block of lines up to a blank line",
        choices=("files", "lines", "paragraph_blocks"),
    )
    language: str = setting(
        "",
        "language of the corpus by code or name (nb, nn, english, ...); empty: each document's language field",
        metavar="CODE",
    )
    language_field: str = setting(
        "lang",
        "the JSON field, Parquet column or partition (lang=nb/) that names a document's language",
        metavar="FIELD",
    )
    where: tuple[str, ...] = where_setting()
    detect_language: str = detect_language_setting()
    languages: tuple[str, ...] = languages_setting()
    normalize: str = normalize_setting()
    page_furniture: int = page_furniture_setting()
    dehyphenate: str = dehyphenate_setting()
    dehyphenate_sample_mb: float = dehyphenate_sample_mb_setting()
    mask: str = mask_setting()
    quality: str = quality_setting()
    drop: tuple[str, ...] = drop_setting()
    confidence_field: str = confidence_field_setting()
    decontaminate: tuple[str, ...] = decontaminate_setting()
    decontaminate_words: int = decontaminate_words_setting()
    decontaminate_share: float = decontaminate_share_setting()
    shard_mb: float = setting(100.0, "size of a sentence shard in MB (10**6 bytes of text)", metavar="MB")
    dev_fraction: float = setting(
        0.0, "share of documents that go to dev, by a hash of the document id", metavar="SHARE"
    )
    test_fraction: float = setting(
        0.0, "share of documents that go to test, by a hash of the document id", metavar="SHARE"
    )
    duplicates: str = duplicates_setting()
    near_threshold: float = near_threshold_setting()
    shingle_words: int = shingle_words_setting()
    contained: float = contained_setting()
    repeated_lines: int = repeated_lines_setting()
    repeated_lines_keep: str = repeated_lines_keep_setting()
    random_seed: int = random_seed_setting()
    max_rejected: float = max_rejected_setting()
    max_filtered: float = max_filtered_setting()
    max_num_cpus: int = max_num_cpus_setting()
    shards_per_worker: int = shards_per_worker_setting()
    run_name: str = run_name_setting()
    silence: tuple[str, ...] = silence_setting()

    @property
    def kept_languages(self) -> tuple[str, ...]:
        """The codes of `languages`; none if all are kept."""
        return language_codes(self.languages)

    @property
    def detects_languages(self) -> bool:
        """Whether the language of each document must be detected."""
        return self.detect_language != "off" or bool(self.languages)

    @property
    def leaves_copies_out(self) -> bool:
        """Whether copies of documents are left out, and not only counted."""
        return self.duplicates in ("exact", "near")

    @property
    def compares_lines(self) -> bool:
        """Whether lines of different documents are compared."""
        return self.repeated_lines > 0 or self.contained > 0

    def validate(self) -> None:
        """Raise UserError, naming the setting and the remedy, if the job cannot run with these settings."""
        raise_first(self.problems(), "--")

    def problems(self) -> Problems:
        """What is wrong with these settings. Each check relies on those before it."""
        yield from common_problems(self, self.input, self.output)
        yield from shard_size_problems(self.shard_mb)
        yield from share_problems(
            self, "dev_fraction", "test_fraction", "max_rejected", "max_filtered", "decontaminate_share"
        )
        held_out = self.dev_fraction + self.test_fraction
        if held_out >= 1:
            yield "dev_fraction", f"and --test_fraction leave no documents to train on: together {held_out}"
        if not self.text_field:
            yield "text_field", "is empty: name the field that holds the text"
        if self.pair_field and self.pair_field == self.text_field:
            yield "pair_field", f"{self.pair_field} is --text_field too: name the field that holds the second text"
        yield from where_problems(self.where)
        yield from languages_problems(self.languages)
        yield from scanned_text_problems(
            self.dehyphenate, self.dehyphenate_sample_mb, self.page_furniture, self.pair_field
        )
        yield from mask_problems(self.mask)
        yield from quality_problems(self.quality, self.drop)
        yield from decontaminate_problems(self.decontaminate, self.decontaminate_words, self.decontaminate_share)
        yield from duplicates_problems(self.near_threshold, self.shingle_words)
        yield from contained_problems(self.contained, self.pair_field)
        yield from repeated_lines_problems(self.repeated_lines, self.repeated_lines_keep, self.pair_field)
        yield from count_problems(self)
