"""The settings of the instances job."""

from dataclasses import dataclass

from beam_jobs.errors import Problems, raise_first
from beam_jobs.settings.checks import common_problems, count_problems, shard_size_problems
from beam_jobs.settings.field import setting
from beam_jobs.settings.objectives import OBJECTIVES, Objective
from beam_jobs.settings.shared import (
    input_setting,
    max_num_cpus_setting,
    output_setting,
    random_seed_setting,
    run_name_setting,
    shards_per_worker_setting,
    silence_setting,
)


@dataclass(frozen=True)
class InstanceSettings:
    """Sentence shards to shards of BERT pretraining instances."""

    input: tuple[str, ...] = input_setting(
        "folders, files, globs or URIs of sentence shards (one sentence a line, a blank line between documents); repeatable"
    )
    output: str = output_setting()
    model_class: str = setting(
        "bert_multi_cased",
        "a built-in model class, a model-class file or a model folder, such as roberta-base: vocabulary and casing",
        metavar="NAME|FILE",
    )
    vocab_dir: str = setting("", "folder where vocabularies are cached", metavar="DIR", affects_output=False)
    vocab_file: str = setting(
        "",
        "a vocab.txt to use instead of the model class's own; or subwords: tokenizer.json (byte-level BPE, unigram), vocab.json "
        "with merges.txt beside it, spiece.model (docs/corpus.md says how to make one)",
        metavar="FILE",
        affects_output=False,
    )
    max_seq_length: int = setting(128, "pieces per instance, [CLS] and [SEP] included")
    max_predictions_per_seq: int = setting(
        0, "masked pieces per instance at most; 0: max_seq_length * masked_lm_prob, so 19 of 128 and 77 of 512"
    )
    masked_lm_prob: float = setting(0.15, "share of the pieces to predict", metavar="PROB")
    short_seq_prob: float = setting(0.1, "share of instances made shorter than the maximum, at random", metavar="PROB")
    dupe_factor: int = setting(10, "copies of the corpus, each with other masks and pairs; 1 with --masking=dynamic")
    objective: str = setting(
        "nsp",
        "second-segment task: " + ", ".join(objective.task for objective in OBJECTIVES.values()),
        choices=tuple(OBJECTIVES),
    )
    masking: str = setting(
        "whole_word",
        "what is masked: whole words, single pieces, spans (SpanBERT), n-grams of 1 to 3 words (ALBERT), or nothing yet: "
        "the trainer masks on the fly",
        choices=("whole_word", "wordpiece", "span", "ngram", "dynamic"),
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
        200, "longer words become [UNK] (WordPiece only); 200 in the original, 400 in TF Model Garden"
    )
    shard_mb: float = setting(
        100.0, "large or small foreign input files are split or joined to about this many MB a shard", metavar="MB"
    )
    gzipped: bool = setting(True, "do not compress the TFRecord shards")
    random_seed: int = random_seed_setting()
    num_logged_samples: int = setting(10, "sample instances to write and log", affects_output=False)
    max_num_cpus: int = max_num_cpus_setting()
    shards_per_worker: int = shards_per_worker_setting()
    run_name: str = run_name_setting()
    silence: tuple[str, ...] = silence_setting()

    def __post_init__(self) -> None:
        """Set the number of predictions if it is not given, so that settings always define the layout of records."""
        if self.max_predictions_per_seq == 0:
            fitting = fitting_predictions(self.max_seq_length, self.masked_lm_prob)
            object.__setattr__(self, "max_predictions_per_seq", fitting)

    @property
    def objective_rules(self) -> Objective:
        """The objective with that name."""
        return OBJECTIVES[self.objective]

    @property
    def copies(self) -> int:
        """The number of copies of the corpus that are written. Dynamic records are written once."""
        return 1 if self.masking == "dynamic" else self.dupe_factor

    def validate(self) -> None:
        """Raise UserError, naming the setting and the remedy, if the job cannot run with these settings."""
        raise_first(self.problems(), "--")

    def problems(self) -> Problems:
        """What is wrong with these settings. Each check relies on those before it."""
        yield from common_problems(self, self.input, self.output)
        if not 8 <= self.max_seq_length <= 4096:
            yield "max_seq_length", f"{self.max_seq_length} must lie between 8 and 4096; 128 is usual"
        for name in ("masked_lm_prob", "short_seq_prob"):
            value = getattr(self, name)
            if not 0 <= value <= 1:
                yield name, f"{value} is a probability: give a number from 0 to 1"
        if self.masked_lm_prob == 0:
            yield "masked_lm_prob", "0 would predict nothing; 0.15 is usual"
        predictions, longest_word = self.max_predictions_per_seq, self.max_input_chars_per_word
        if not 1 <= predictions < self.max_seq_length:
            fitting = fitting_predictions(self.max_seq_length, self.masked_lm_prob)
            yield "max_predictions_per_seq", f"{predictions} must lie between 1 and --max_seq_length; try {fitting}"
        if not 1 <= self.dupe_factor <= 1000:
            yield "dupe_factor", f"{self.dupe_factor} must lie between 1 and 1000"
        yield from shard_size_problems(self.shard_mb)
        if not 1 <= longest_word <= 10_000:
            yield "max_input_chars_per_word", f"{longest_word} must lie between 1 and 10000; 200 is the original's"
        yield from count_problems(self)


def fitting_predictions(max_seq_length: int, masked_lm_prob: float) -> int:
    """The predictions that an instance needs room for: with 15 %, BERT's published 19 of 128 and 77 of 512 pieces.

    0 if a value is not a number; `validate` refuses such values.
    """
    try:
        return max(1, min(round(max_seq_length * masked_lm_prob), max_seq_length - 1))
    except (TypeError, ValueError, OverflowError):
        return 0
