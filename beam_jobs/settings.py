"""The settings of every job: one frozen dataclass each, checked before anything runs.

A field carries its own help text and the other names it goes by, so that the command line (`command_line.py`), the
settings' hash, the statistics and this file can never disagree. Fields with `affects_output=False` (where to write, how
many processes) are left out of the hash: two runs that differ only in them produce the same bytes.
"""

import dataclasses
import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from beam_jobs.setting_kinds import check_kinds
from beam_jobs.text.language_names import code_of_code
from beam_jobs.text.languages import canonical_language, known_languages
from vocab.errors import UserError

FORMAT_VERSION = 1  # goes into every settings hash: raise it when the same settings begin to mean other bytes


def setting(
    default: Any,
    help: str,
    *,
    other_names: tuple[str, ...] = (),
    choices: tuple[str, ...] = (),
    affects_output: bool = True,
) -> Any:
    """A dataclass field that knows what the command line needs to know about it."""
    metadata = {"help": help, "other_names": other_names, "choices": choices, "affects_output": affects_output}
    return field(default=default, metadata=metadata)


def _input(help: str) -> Any:
    return setting((), help, other_names=("data_dir",), affects_output=False)


def _output() -> Any:
    return setting("", "folder or URI to write to", other_names=("output_dir",), affects_output=False)


def _max_num_cpus() -> Any:
    return setting(0, "processes on this machine; 0 means one per core", affects_output=False)


def _shards_per_worker() -> Any:
    help = (
        "shards, or ranges of the input, that one worker process works on at once where the runner runs several "
        "threads in it; bounds its memory, about 450 MB a shard in the instances job"
    )
    return setting(2, help, affects_output=False)


def _run_name() -> Any:
    return setting("", "a name for this run, kept in the statistics", affects_output=False)


def _max_rejected() -> Any:
    help = (
        "the job fails at its end if a larger share of the documents, or of the bytes read, was set aside, "
        "or of the documents lost a byte that is not UTF-8"
    )
    return setting(0.01, help, affects_output=False)


def _random_seed() -> Any:
    return setting(42, "same seed, same input, same settings: same bytes")


_RAW_INPUT = (
    "files, folders, globs or URIs of .jsonl, .json, .txt, .parquet, .warc, .wet, or wikiextractor's wiki_00 and so on, "
    "each plain or .gz, .bz2, .zst, also in .tar; repeatable"
)


@dataclass(frozen=True)
class SegmentSettings:
    """Raw documents to sentence shards."""

    input: tuple[str, ...] = _input(_RAW_INPUT)
    output: str = _output()
    text_field: str = setting("text", "the JSON field or Parquet column that holds the text")
    id_field: str = setting("id", "the JSON field or Parquet column with a document's id; without one, its position")
    documents_are: str = setting(
        "files",
        "what a document is in a .txt file: the file, a line, or a block of lines up to a blank line",
        choices=("files", "lines", "paragraph_blocks"),
    )
    language: str = setting(
        "", "language of the corpus by code or name (nb, nn, english, ...); empty: each document's language field"
    )
    language_field: str = setting(
        "lang", "the JSON field, Parquet column or partition (lang=nb/) that names a document's language"
    )
    normalize: str = setting(
        "nfc",
        "NFC, control characters, odd white space and soft hyphens cleaned; none: text as it is",
        choices=("nfc", "none"),
    )
    shard_mb: float = setting(100.0, "size of a sentence shard in MB (10**6 bytes of text)")
    dev_fraction: float = setting(0.0, "share of documents that go to dev, by a hash of the document id")
    test_fraction: float = setting(0.0, "share of documents that go to test, by a hash of the document id")
    random_seed: int = _random_seed()
    max_rejected: float = _max_rejected()
    max_num_cpus: int = _max_num_cpus()
    shards_per_worker: int = _shards_per_worker()
    run_name: str = _run_name()

    def validate(self) -> None:
        """Raise UserError, naming the setting and the remedy, if the job cannot run with these settings."""
        check_kinds(self)
        _require_input_and_output(self.input, self.output)
        _require_choices(self)
        _require_shard_size(self.shard_mb)
        _require_shares(self, "dev_fraction", "test_fraction", "max_rejected")
        held_out = self.dev_fraction + self.test_fraction
        _require(
            held_out < 1, f"--dev_fraction and --test_fraction leave no documents to train on: together {held_out}"
        )
        _require(bool(self.text_field), "--text_field is empty: name the field that holds the text")
        _require_counts(self)


@dataclass(frozen=True)
class InstanceSettings:
    """Sentence shards to shards of BERT pretraining instances."""

    input: tuple[str, ...] = _input(
        "folders, files, globs or URIs of sentence shards (one sentence a line, a blank line between documents); repeatable"
    )
    output: str = _output()
    model_class: str = setting(
        "bert_multi_cased", "a built-in model class or a model-class file: vocabulary and casing"
    )
    vocab_dir: str = setting("", "folder where vocabularies are cached", affects_output=False)
    vocab_file: str = setting("", "a vocab.txt to use instead of the model class's own", affects_output=False)
    max_seq_length: int = setting(128, "pieces per instance, [CLS] and [SEP] included")
    max_predictions_per_seq: int = setting(
        0, "masked pieces per instance at most; 0: max_seq_length * masked_lm_prob, so 19 of 128 and 77 of 512"
    )
    masked_lm_prob: float = setting(0.15, "share of the pieces to predict")
    short_seq_prob: float = setting(0.1, "share of instances made shorter than the maximum, at random")
    dupe_factor: int = setting(10, "copies of the corpus, each with other masks and pairs; 1 with --masking=dynamic")
    objective: str = setting(
        "nsp",
        "second-segment task: next sentence (BERT), sentence order (ALBERT), none with packed sentences (RoBERTa)",
        choices=("nsp", "sop", "full_sentences"),
    )
    masking: str = setting(
        "whole_word",
        "what is masked: whole words, single pieces, spans (SpanBERT), or nothing yet: the trainer masks on the fly",
        choices=("whole_word", "wordpiece", "span", "dynamic"),
    )
    replace_per: str = setting(
        "piece", "draw mask / random / kept per piece, as BERT does, or once per masked word", choices=("piece", "word")
    )
    compatibility: str = setting(
        "fixed",
        "fixed: second segments never from the same document, replacements never special or unused pieces; "
        "bert: the original behaviour",
        choices=("fixed", "bert"),
    )
    max_input_chars_per_word: int = setting(
        200, "longer words become [UNK]; 200 in the original, 400 in TF Model Garden"
    )
    shard_mb: float = setting(
        100.0, "large or small foreign input files are split or joined to about this many MB a shard"
    )
    gzipped: bool = setting(True, "compress the TFRecord shards")
    random_seed: int = _random_seed()
    num_logged_samples: int = setting(10, "sample instances to write and log", affects_output=False)
    max_num_cpus: int = _max_num_cpus()
    shards_per_worker: int = _shards_per_worker()
    run_name: str = _run_name()

    def __post_init__(self) -> None:
        """Without a number of predictions, the one that fits; so the settings always say how records are laid out."""
        if self.max_predictions_per_seq == 0:
            fitting = fitting_predictions(self.max_seq_length, self.masked_lm_prob)
            object.__setattr__(self, "max_predictions_per_seq", fitting)

    @property
    def copies(self) -> int:
        """Copies of the corpus that are written: dynamic records are written once."""
        return 1 if self.masking == "dynamic" else self.dupe_factor

    def validate(self) -> None:
        """Raise UserError, naming the setting and the remedy, if the job cannot run with these settings."""
        check_kinds(self)
        _require_input_and_output(self.input, self.output)
        _require_choices(self)
        _require(
            8 <= self.max_seq_length <= 4096,
            f"--max_seq_length {self.max_seq_length} must lie between 8 and 4096; 128 is usual",
        )
        for name in ("masked_lm_prob", "short_seq_prob"):
            value = getattr(self, name)
            _require(0 <= value <= 1, f"--{name} {value} is a probability: give a number from 0 to 1")
        _require(self.masked_lm_prob > 0, "--masked_lm_prob 0 would predict nothing; 0.15 is usual")
        _require(
            1 <= self.max_predictions_per_seq < self.max_seq_length,
            f"--max_predictions_per_seq {self.max_predictions_per_seq} must lie between 1 and --max_seq_length; "
            f"try {fitting_predictions(self.max_seq_length, self.masked_lm_prob)}",
        )
        _require(1 <= self.dupe_factor <= 1000, f"--dupe_factor {self.dupe_factor} must lie between 1 and 1000")
        _require_shard_size(self.shard_mb)
        _require(
            1 <= self.max_input_chars_per_word <= 10_000,
            f"--max_input_chars_per_word {self.max_input_chars_per_word} must lie between 1 and 10000; 200 is the original's",
        )
        _require_counts(self)


@dataclass(frozen=True)
class VocabularySettings:
    """Text to a WordPiece vocabulary and its model class."""

    input: tuple[str, ...] = _input(_RAW_INPUT + "; sentence shards too")
    output: str = _output()
    text_field: str = setting("text", "the JSON field or Parquet column that holds the text")
    normalize: str = setting(
        "nfc",
        "NFC, control characters, odd white space and soft hyphens cleaned; none: text as it is",
        choices=("nfc", "none"),
    )
    vocab_size: int = setting(32_000, "pieces in the vocabulary, special ones included")
    lower_case: bool = setting(
        False, "lower-case and strip accents, as the uncased BERT models do (this turns å into a)"
    )
    min_frequency: int = setting(2, "pieces seen less often are not learned")
    alphabet_size: int = setting(1000, "single characters kept at most, the most frequent ones")
    name: str = setting("custom", "name of the model class that is written beside the vocabulary")
    max_rejected: float = _max_rejected()
    max_num_cpus: int = _max_num_cpus()
    shards_per_worker: int = _shards_per_worker()
    run_name: str = _run_name()

    def validate(self) -> None:
        """Raise UserError, naming the setting and the remedy, if the job cannot run with these settings."""
        check_kinds(self)
        _require_input_and_output(self.input, self.output)
        _require_choices(self)
        _require(
            100 <= self.vocab_size <= 1_000_000,
            f"--vocab_size {self.vocab_size} must lie between 100 and 1000000; 32000 is usual",
        )
        _require(self.min_frequency >= 1, f"--min_frequency {self.min_frequency} must be at least 1")
        _require(self.alphabet_size >= 1, f"--alphabet_size {self.alphabet_size} must be at least 1")
        _require_shares(self, "max_rejected")
        _require_counts(self)


Settings = SegmentSettings | InstanceSettings | VocabularySettings


def fitting_predictions(max_seq_length: int, masked_lm_prob: float) -> int:
    """Predictions that an instance needs room for: BERT's published 19 of 128 and 77 of 512 pieces, with 15 %.

    0 for values that are no numbers at all, which `validate` refuses.
    """
    try:
        return max(1, min(round(max_seq_length * masked_lm_prob), max_seq_length - 1))
    except (TypeError, ValueError, OverflowError):
        return 0


def to_json(settings: Settings) -> dict[str, Any]:
    """The settings as plain JSON values, in the order of the dataclass."""
    return {
        name: list(value) if isinstance(value, tuple) else value for name, value in dataclasses.asdict(settings).items()
    }


def output_settings(settings: Settings) -> dict[str, Any]:
    """The settings that decide which bytes come out."""
    kept = {f.name for f in dataclasses.fields(settings) if f.metadata["affects_output"]}
    return {name: _as_hashed(name, value) for name, value in to_json(settings).items() if name in kept}


def _as_hashed(name: str, value: Any) -> Any:
    """A language by its code where it is given by name; other spellings stay, and with them the hashes of old corpora."""
    if name == "language" and code_of_code(value) not in known_languages():
        return canonical_language(value) or value
    return value


def settings_hash(settings: Settings, **more: Any) -> str:
    """Hash of everything that decides the output bytes: the settings and `more` (the input plan, the vocabulary)."""
    content = {"job": type(settings).__name__, "format": FORMAT_VERSION, "settings": output_settings(settings), **more}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise UserError(message)


def _require_input_and_output(input: tuple[str, ...], output: str) -> None:
    _require(bool(input), "--input is missing: name a file, a folder or a glob to read")
    _require(all(path.strip() for path in input), "--input is empty: name a file, a folder or a glob to read")
    _require(not any("\0" in path for path in (*input, output)), "a path of --input or --output holds a zero byte")
    _require(bool(output), "--output is missing: name the folder to write to")


def _require_shard_size(shard_mb: float) -> None:
    _require(
        1e-6 <= shard_mb <= 1e6,
        f"--shard_mb {shard_mb} must be above 0: a size from one byte (0.000001) to a terabyte (1000000); 100 is usual",
    )


def _require_choices(settings: Settings) -> None:
    for f in dataclasses.fields(settings):
        choices, value = f.metadata["choices"], getattr(settings, f.name)
        _require(not choices or value in choices, f"--{f.name} {value!r} is not one of {', '.join(choices)}")


def _require_shares(settings: Settings, *names: str) -> None:
    for name in names:
        value = getattr(settings, name)
        _require(0 <= value <= 1, f"--{name} {value} is a share: give a number from 0 to 1")


def _require_counts(settings: Settings) -> None:
    for name in ("max_num_cpus", "num_logged_samples"):
        value = getattr(settings, name, 0)
        _require(value >= 0, f"--{name} {value} must not be negative")
    at_once = settings.shards_per_worker
    _require(at_once >= 1, f"--shards_per_worker {at_once} must be at least 1; 2 is usual")
