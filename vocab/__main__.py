"""`python -m vocab lint | fetch`: checking a vocabulary, and fetching one for a machine without network."""

import argparse
from collections.abc import Callable, Iterable, Sequence

from rich.console import Console
from rich.text import Text

from beam_jobs.console.command_parser import CommandParser, parse
from beam_jobs.console.command_process import run_as_process
from beam_jobs.console.interruption import BEGINS_AGAIN
from beam_jobs.errors import UserError
from beam_jobs.storage.whole_files import read_whole
from vocab.fetch import fetch_vocabulary
from vocab.lint import ERROR, WARNING, LintReport, lint_vocabulary
from vocab.model_class import built_in_names, load_model_class
from vocab.sample_text import read_sample
from vocab.vocabulary import split_pieces
from vocab.word_counter import WordCounter

_SAMPLES = ("files, folders, globs or URIs, as the jobs read them", ".txt, .jsonl, or .gz")
_COLOURS = {ERROR: "bold red", WARNING: "yellow"}


ReadSample = Callable[[str, str], Iterable[str]]


def main(arguments: Sequence[str], read: ReadSample = read_sample) -> int:
    """Run a command; the exit status is 0, 1 when the vocabulary has errors, 2 for a mistake in the command line.

    `read` gives the texts of a path of `--text`, given the field that holds them: `run.sh vocab` reads all that its jobs
    read, this package alone only plain files and JSON lines.
    """
    parser = CommandParser(prog="run.sh vocab", description="Check and fetch vocabularies.", allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True)
    lint = commands.add_parser(
        "lint", help="check a vocabulary, and how it spells a sample of text", allow_abbrev=False
    )
    lint.add_argument("--vocab_file", default="", help="a vocab.txt (path or URI)")
    lint.add_argument("--model_class", default="", help="instead: a built-in model class or a model-class file")
    lint.add_argument("--vocab_dir", default="", help="with --model_class: folder where vocabularies are kept")
    lint.add_argument(
        "--text",
        nargs="+",
        action="extend",
        default=[],
        metavar="FILE",
        help=f"sample: {_SAMPLES[read is read_sample]}",
    )
    lint.add_argument("--text_field", default="text", help="the field or column of a sample that holds the text")
    lint.add_argument("--lower_case", action="store_true", help="text is lower-cased, as for the uncased models")
    fetch = commands.add_parser(
        "fetch", help="fetch the vocabulary of a model class, check it and keep it", allow_abbrev=False
    )
    fetch.add_argument("--model_class", required=True, help=f"a .json file, or {', '.join(built_in_names())}")
    fetch.add_argument("--vocab_dir", default="", help="folder to keep it in (default: the user's cache)")
    options = parse(parser, arguments)
    if options.command == "fetch":
        print(fetch_vocabulary(load_model_class(options.model_class), options.vocab_dir))
        return 0
    return _lint(options, read)


def _lint(options: argparse.Namespace, read: ReadSample) -> int:
    if bool(options.vocab_file) == bool(options.model_class):
        raise UserError("vocab lint needs --vocab_file or --model_class, one of them: what is to be checked")
    path, lower_case = options.vocab_file, options.lower_case
    if options.model_class:
        model_class = load_model_class(options.model_class)
        path, lower_case = str(fetch_vocabulary(model_class, options.vocab_dir)), model_class.lower_case
    try:
        pieces = split_pieces(read_whole(path), path)
    except OSError as error:
        raise UserError(f"{path}: cannot read the vocabulary: {error.strerror or error}") from error
    sample = None
    if options.text:
        counter = WordCounter(lower_case)
        for text_path in options.text:
            for text in read(text_path, options.text_field):
                counter.add(text)
        sample = counter.finish()
    report = lint_vocabulary(pieces, lower_case, sample)
    print_report(report, path, lower_case)
    return 1 if report.has_errors else 0


def print_report(report: LintReport, name: str, lower_case: bool, console: Console | None = None) -> None:
    """Print the report, coloured where the terminal can."""
    console = console or Console(highlight=False, soft_wrap=True)
    casing = "lower-cased, accents stripped" if lower_case else "cased"
    console.print(
        Text(
            f"{name}: {report.size:,} pieces ({report.starting:,} start a word, {report.continuing:,} continue one, "
            f"{report.special:,} special or unused), {casing}"
        )
    )
    if report.coverage is not None and report.coverage.words:
        coverage = report.coverage
        console.print(
            Text(
                f"sample of {coverage.words:,} words: {coverage.pieces_per_word:.3f} pieces per word, "
                f"{coverage.unknown_rate:.3%} [UNK]"
            )
        )
    for remark in report.remarks:
        console.print(Text(f"{remark.level:<8}", style=_COLOURS.get(remark.level, "dim")) + Text(remark.text))
    count = sum(remark.level == ERROR for remark in report.remarks)
    verdict = Text(f"{count} error{'s' if count != 1 else ''}", "bold red") if count else Text("no errors", "green")
    console.print(verdict)


if __name__ == "__main__":
    run_as_process(main, BEGINS_AGAIN)
