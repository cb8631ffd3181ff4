"""Settings that several jobs have."""

from typing import Any

from beam_jobs.settings.field import setting

RAW_INPUT = (
    "files, folders, globs or URIs of .jsonl, .json, .csv, .tsv, .txt, .parquet, .arrow, .warc, .wet, or wikiextractor's wiki_00 and so on, "
    "each plain or .gz, .bz2, .zst, also in .tar; repeatable"
)
"""The help of `--input` for the jobs that read raw documents."""


def input_setting(help: str) -> Any:
    """The setting for what to read."""
    return setting((), help, other_names=("data_dir",), affects_output=False)


def output_setting() -> Any:
    """The setting for where to write."""
    return setting(
        "", "folder or URI to write to", metavar="DIR|URI", other_names=("output_dir",), affects_output=False
    )


def text_field_setting() -> Any:
    """The setting for the field of a record that holds the text."""
    return setting(
        "text", "the JSON field or column (.csv, .tsv, .parquet, .arrow) that holds the text", metavar="FIELD"
    )


def normalize_setting() -> Any:
    """The setting for the cleaning of text."""
    return setting(
        "nfc",
        "NFC, control characters, odd white space and soft hyphens cleaned; none: text as it is",
        choices=("nfc", "none"),
    )


def max_num_cpus_setting() -> Any:
    """The setting for the number of processes on this machine."""
    return setting(0, "processes on this machine; 0 means one per core", affects_output=False)


def shards_per_worker_setting() -> Any:
    """The setting for the number of items that a process works on at the same time."""
    help = (
        "shards, or ranges of the input, that one worker process works on at once where the runner runs several "
        "threads in it; bounds its memory, about 280 MB a shard in the instances job"
    )
    return setting(2, help, affects_output=False)


def run_name_setting() -> Any:
    """The setting for a name of the run."""
    return setting("", "a name for this run, kept in the statistics", metavar="NAME", affects_output=False)


def silence_setting() -> Any:
    """The setting for warnings that are not wanted."""
    return setting((), "warnings not to give, by the names that they end with", metavar="NAME", affects_output=False)


def max_rejected_setting() -> Any:
    """The setting for how much of the input may be set aside."""
    help = (
        "the job fails at its end if a larger share of the documents, or of the bytes read, was set aside, "
        "or of the documents lost a byte that is not UTF-8"
    )
    return setting(0.01, help, metavar="SHARE", affects_output=False)


def random_seed_setting() -> Any:
    """The setting for the seed of all random choices."""
    return setting(42, "same seed, same input, same settings: same bytes")
