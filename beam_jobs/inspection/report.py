"""What `inspect` prints: instances of any TFRecord shard, what is wrong with them, and their distributions."""

import sys
from collections.abc import Callable
from dataclasses import dataclass

from beam_jobs.console.warnings import silence_problem, warn
from beam_jobs.errors import UserError
from beam_jobs.inspection.cleaning import print_cleaning
from beam_jobs.inspection.inspected_corpus import (
    Corpus,
    corpus_folder,
    open_corpus,
    read_manifest,
    read_sentence_stats,
    sentence_folder,
)
from beam_jobs.inspection.page import require_free, write_page
from beam_jobs.inspection.samples import Sample, pick_samples, read_samples
from beam_jobs.inspection.scan import ShardScan, scan_corpus
from beam_jobs.inspection.scan_doubts import doubts
from beam_jobs.inspection.terminal import (
    make_console,
    print_corpus,
    print_figures,
    print_samples,
    print_sentences,
    print_verdict,
)

DEFAULT_SEED = 42


@dataclass(frozen=True)
class Inspection:
    """What to read, and how much of it to show and to check."""

    paths: tuple[str, ...]
    """Shards, folders, globs or URIs."""
    vocab_file: str = ""
    """The vocab.txt of the shards, or `model_class` with `vocab_dir`; by default the one beside them."""
    model_class: str = ""
    vocab_dir: str = ""
    num: int = 3
    """Instances to show, unless `records` names them."""
    records: tuple[int, ...] = ()
    """Records of the one shard to show."""
    check_all: bool = False
    """Whether everything is read, or a sample."""
    html: str = ""
    """A page to write."""
    max_num_cpus: int = 0
    """Processes for several shards; 0: one per core."""
    silence: tuple[str, ...] = ()
    """Warnings that are not given."""

    def validate(self) -> None:
        """Raise UserError, naming the flag, for a number that makes no sense."""
        for name, value in (("num", self.num), ("max_num_cpus", self.max_num_cpus)):
            if value < 0:
                raise UserError(f"--{name} {value} must not be negative")
        if problem := silence_problem(self.silence):
            raise UserError(f"--silence {problem}")
        if min(self.records, default=0) < 0:
            raise UserError(f"--record {min(self.records)} must not be negative: the first record is 0")


def report(options: Inspection) -> int:
    """Print what was found. Returns 0 if everything that was read is right, else 1. Raises UserError.

    Of a folder of sentences, only the tables of its cleaning are printed.
    """
    options.validate()
    if options.html:
        require_free(options.html)
    if len(options.paths) == 1 and corpus_folder(options.paths[0]) in ("", options.paths[0]):
        folder = sentence_folder(options.paths[0])
        if folder:
            return _report_sentences(folder, options)
    corpus = open_corpus(options.paths, options.vocab_file, options.model_class, options.vocab_dir)
    console = make_console()
    print_corpus(console, corpus)
    scan = scan_corpus(corpus, options.check_all, options.max_num_cpus, _progress(corpus))
    samples = _samples(corpus, scan, options)
    print_samples(console, corpus, samples)
    print_figures(console, corpus, scan)
    print_cleaning(console, corpus.sentence_stats)
    print_verdict(console, corpus, scan)
    warn(doubts(corpus, scan), options.silence)
    if options.html:
        write_page(options.html, corpus, scan, samples)
        console.print(f"\nwrote {options.html}", soft_wrap=True)
    return 1 if scan.wrong else 0


def _report_sentences(folder: str, options: Inspection) -> int:
    """The tables of cleaning alone: sentences are text, which needs no inspection."""
    if options.html or options.records:
        raise UserError(
            f"{folder} holds sentences: --html and --record show instances; name the instances made from them, whose page has "
            "the tables of cleaning too"
        )
    manifest, stats = read_manifest(folder), read_sentence_stats(folder)
    console = make_console()
    print_sentences(console, folder, manifest)
    print_cleaning(console, stats)
    return 0


def _samples(corpus: Corpus, scan: ShardScan, options: Inspection) -> list[Sample]:
    """The records asked for, or else some chosen by a hash: for a corpus of ours, the first ones of its samples.txt."""
    uris = {shard.name: shard.uri for shard in corpus.shards}
    if options.records:
        if len(corpus.shards) != 1:
            raise UserError(f"--record needs one shard, {corpus.title} has {len(corpus.shards)}; name the shard itself")
        return read_samples(uris, [(corpus.shards[0].name, record) for record in options.records])
    seed = corpus.manifest.settings.get("random_seed", DEFAULT_SEED) if corpus.manifest else DEFAULT_SEED
    records = [shard.records if shard.records >= 0 else scan.read.get(shard.name, 0) for shard in corpus.shards]
    chosen = pick_samples(records, options.num, seed)
    return read_samples(uris, [(corpus.shards[shard].name, record) for shard, record in chosen])


def _progress(corpus: Corpus) -> Callable[[ShardScan], None]:
    def show(scan: ShardScan) -> None:
        print(f"\r\x1b[K{scan.shards:,} shards, {scan.records:,} records read", end="", file=sys.stderr, flush=True)
        if scan.shards == len(corpus.shards):
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)

    shown = len(corpus.shards) > 1 and sys.stderr.isatty()
    return show if shown else lambda scan: None
