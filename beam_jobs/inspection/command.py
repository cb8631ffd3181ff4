"""The `inspect` command: show instances of any TFRecord shard, check them, sum them up."""

import argparse
import sys
from collections.abc import Callable, Sequence

from beam_jobs.console.command_parser import CommandParser, parse
from beam_jobs.errors import UserError
from beam_jobs.inspection.corpus import Corpus, open_corpus
from beam_jobs.inspection.doubts import doubts
from beam_jobs.inspection.page import require_free, write_page
from beam_jobs.inspection.samples import Sample, pick_samples, read_samples
from beam_jobs.inspection.survey import Survey, survey_corpus
from beam_jobs.inspection.tell_doubts import warn
from beam_jobs.inspection.terminal import make_console, print_corpus, print_facts, print_samples, print_verdict

DEFAULT_SEED = 42


def main(arguments: Sequence[str]) -> int:
    """Run the command. Returns 0 if everything that was read is right, else 1. Raises UserError."""
    options = parse(_parser(), list(arguments))
    for name, value in (("num", options.num), ("max_num_cpus", options.max_num_cpus)):
        if value < 0:
            raise UserError(f"--{name} {value} must not be negative")
    if min(options.record, default=0) < 0:
        raise UserError(f"--record {min(options.record)} must not be negative: the first record is 0")
    if options.html:
        require_free(options.html)
    corpus = open_corpus(options.paths, options.vocab_file, options.model_class, options.vocab_dir)
    console = make_console()
    print_corpus(console, corpus)
    survey = survey_corpus(corpus, options.check == "all", options.max_num_cpus, _progress(corpus))
    samples = _samples(corpus, survey, options)
    print_samples(console, corpus, samples)
    print_facts(console, corpus, survey)
    print_verdict(console, corpus, survey)
    warn(doubts(corpus, survey))
    if options.html:
        write_page(options.html, corpus, survey, samples)
        console.print(f"\nwrote {options.html}", soft_wrap=True)
    return 1 if survey.wrong else 0


def _parser() -> CommandParser:
    parser = CommandParser(
        prog="run.sh inspect",
        description="Show instances of TFRecord shards (ours, Google's or TF Model Garden's, gzipped or not) as words, check "
        "their checksums and rules, and sum up their distributions. Exit status 1 when something is wrong.",
        epilog="examples:\n  ./run.sh inspect tfrecords --num 5 --html corpus.html\n"
        "  ./run.sh inspect shard.tfrecord --vocab_file vocab.txt --record 742\n"
        "  ./run.sh inspect tfrecords --check all",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "paths", nargs="+", metavar="SHARD_OR_FOLDER", help="shards, folders, globs, gs:// or s3:// URIs"
    )
    parser.add_argument("--vocab_file", default="", help="the vocab.txt of the shards (default: the one beside them)")
    parser.add_argument("--model_class", default="", help="the model class whose vocabulary the shards were made with")
    parser.add_argument("--vocab_dir", default="", help="folder where vocabularies are cached")
    parser.add_argument("--num", type=int, default=3, help="instances to show (default: 3)")
    parser.add_argument(
        "--record", type=int, action="append", default=[], help="show this record of one shard; repeatable"
    )
    parser.add_argument(
        "--check",
        choices=("sample", "all"),
        default="sample",
        help="what to read and check: some 100,000 instances of up to 20 shards, or everything (default: sample)",
    )
    parser.add_argument("--all", dest="check", action="store_const", const="all", help="the same as --check all")
    parser.add_argument("--html", default="", metavar="FILE", help="also write one self-contained page")
    parser.add_argument("--max_num_cpus", type=int, default=0, help="processes for several shards; 0: one per core")
    return parser


def _samples(corpus: Corpus, survey: Survey, options: argparse.Namespace) -> list[Sample]:
    """The records asked for, or else some chosen by a hash: for a corpus of ours, the first ones of its samples.txt."""
    uris = {shard.name: shard.uri for shard in corpus.shards}
    if options.record:
        if len(corpus.shards) != 1:
            raise UserError(f"--record needs one shard, {corpus.title} has {len(corpus.shards)}; name the shard itself")
        return read_samples(uris, [(corpus.shards[0].name, record) for record in options.record])
    seed = corpus.manifest.settings.get("random_seed", DEFAULT_SEED) if corpus.manifest else DEFAULT_SEED
    records = [shard.records if shard.records >= 0 else survey.read.get(shard.name, 0) for shard in corpus.shards]
    chosen = pick_samples(records, options.num, seed)
    return read_samples(uris, [(corpus.shards[shard].name, record) for shard, record in chosen])


def _progress(corpus: Corpus) -> Callable[[Survey], None]:
    def show(survey: Survey) -> None:
        print(f"\r\x1b[K{survey.shards:,} shards, {survey.records:,} records read", end="", file=sys.stderr, flush=True)
        if survey.shards == len(corpus.shards):
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)

    shown = len(corpus.shards) > 1 and sys.stderr.isatty()
    return show if shown else lambda survey: None
