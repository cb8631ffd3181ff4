"""`beambert inspect`: show instances of any TFRecord shard, check them, sum them up."""

import argparse

from beam_jobs.errors import UserError

DESCRIPTION = (
    "Show instances of TFRecord shards (ours, Google's or TF Model Garden's, gzipped or not) as words, check "
    "their checksums and rules, and sum up their distributions. Of sentences, show what was cleaned. Exit status 1 when "
    "something is wrong."
)
EXAMPLES = """\
inspect tfrecords --num 5 --html corpus.html
inspect shard.tfrecord --vocab_file vocab.txt --record 742
inspect tfrecords --check all
inspect --compare corpus_here corpus_there
inspect sentences
inspect --filtered sentences --reason duplicate_near --num 10
inspect corpus/instances --table latex
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what to read, and how much of it to show and to check."""
    parser.add_argument("paths", nargs="+", metavar="PATH", help="shards, folders, globs, gs:// or s3:// URIs")
    parser.add_argument(
        "--vocab_file",
        default="",
        metavar="FILE|URI",
        help="the vocab.txt or tokenizer.json of the shards (default: the one beside them)",
    )
    parser.add_argument(
        "--model_class",
        default="",
        metavar="NAME|FILE",
        help="the model class whose vocabulary the shards were made with",
    )
    parser.add_argument("--vocab_dir", default="", metavar="DIR", help="folder where vocabularies are cached")
    parser.add_argument(
        "--num", type=int, default=3, metavar="INT", help="instances to show, or documents of each reason (default: 3)"
    )
    parser.add_argument(
        "--record",
        type=int,
        action="append",
        default=[],
        metavar="INT",
        help="show this record of one shard; repeatable",
    )
    parser.add_argument(
        "--check",
        choices=("sample", "all"),
        default="sample",
        metavar="sample|all",
        help="what to read and check: some 100,000 instances of up to 20 shards, or everything (default: sample)",
    )
    parser.add_argument("--all", dest="check", action="store_const", const="all", help="the same as --check all")
    parser.add_argument(
        "--compare",
        action="store_const",
        const=True,
        default=False,
        help="only tell whether two corpora or shards hold the same records, gzipped or not: from the checksums in both "
        "manifests, or by reading everything with --check all; exit status 1 if they differ",
    )
    parser.add_argument(
        "--filtered",
        action="store_const",
        const=True,
        default=False,
        help="show documents that the filters of a segment or corpus job took, beside those kept for them; the texts are read "
        "from the job's input where it still is",
    )
    parser.add_argument(
        "--reason", default="", metavar="NAME", help="with --filtered: only those taken for this reason"
    )
    parser.add_argument(
        "--table",
        choices=("markdown", "latex"),
        metavar="markdown|latex",
        help="only print the counts of folders of sentences or instances as a table for a paper, from their corpus_stats.json",
    )
    parser.add_argument("--html", default="", metavar="FILE", help="also write one self-contained page")
    parser.add_argument(
        "--max_num_cpus", type=int, default=0, metavar="INT", help="processes for several shards; 0: one per core"
    )
    parser.add_argument(
        "--silence", nargs="+", default=(), metavar="NAME", help="warnings not to give, by the names that they end with"
    )


def run(options: argparse.Namespace) -> int:
    """Print the report, or the result of a comparison. Returns 1 if something is wrong, or different."""
    if options.table:
        from beam_jobs.inspection.paper_table import print_tables

        if options.html or options.record or options.compare or options.filtered:
            raise UserError("--table prints counts alone; leave out --html, --record, --compare and --filtered")
        return print_tables(options.paths, options.table)
    if options.compare:
        from beam_jobs.inspection.compare import compare

        if options.html or options.record:
            raise UserError("--compare shows no records; leave out --html and --record")
        return compare(options.paths, options.check == "all", options.max_num_cpus)
    if options.filtered:
        from beam_jobs.inspection.filtered.show import show_filtered

        if options.html or options.record or len(options.paths) > 1:
            raise UserError(
                "--filtered shows the documents of one folder; leave out --html, --record and other folders"
            )
        return show_filtered(options.paths[0], options.num, options.reason)
    if options.reason:
        raise UserError("--reason chooses among filtered documents: add --filtered")
    from beam_jobs.inspection.report import Inspection, report

    return report(
        Inspection(
            paths=tuple(options.paths),
            vocab_file=options.vocab_file,
            model_class=options.model_class,
            vocab_dir=options.vocab_dir,
            num=options.num,
            records=tuple(options.record),
            check_all=options.check == "all",
            html=options.html,
            max_num_cpus=options.max_num_cpus,
            silence=tuple(options.silence),
        )
    )
