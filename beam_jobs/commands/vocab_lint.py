"""`beambert vocab lint`: check a vocabulary, and how it spells a sample of text."""

import argparse
from typing import TYPE_CHECKING

from beam_jobs.console.command_parser import add_switch
from beam_jobs.errors import UserError
from beam_jobs.storage.whole_files import read_whole

if TYPE_CHECKING:
    from rich.console import Console

    from vocab.lint import LintReport

DESCRIPTION = "Check a vocabulary, and how it spells a sample of text. Exit status 1 when the vocabulary has errors."
EXAMPLES = """\
vocab lint --vocab_file vocab.txt --text sentences/train/*.txt
vocab lint --model_class bert_base_cased
"""
ELSEWHERE = {"": "a vocabulary is named by --vocab_file or --model_class, a sample of text by --text"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the vocabulary and the sample."""
    parser.add_argument("--vocab_file", default="", metavar="FILE|URI", help="a vocab.txt")
    parser.add_argument(
        "--model_class", default="", metavar="NAME|FILE", help="instead: a built-in model class or a model-class file"
    )
    parser.add_argument(
        "--vocab_dir", default="", metavar="DIR", help="with --model_class: folder where vocabularies are kept"
    )
    parser.add_argument(
        "--text",
        nargs="+",
        action="extend",
        default=[],
        metavar="PATH",
        help="sample: files, folders, globs or URIs, as the jobs read them",
    )
    parser.add_argument(
        "--text_field", default="text", metavar="FIELD", help="the field or column of a sample that holds the text"
    )
    add_switch(parser, "lower_case", "text is lower-cased, as for the uncased models")


def run(options: argparse.Namespace) -> int:
    """Print what is wrong. Returns 1 if the vocabulary has errors."""
    from beam_jobs.documents.sample_texts import sample_texts
    from vocab.fetch import fetch_vocabulary
    from vocab.learning.word_counter import WordCounter
    from vocab.lint import lint_vocabulary
    from vocab.model_class import load_model_class
    from vocab.vocabulary import split_pieces, tokenizer_content

    if bool(options.vocab_file) == bool(options.model_class):
        raise UserError("vocab lint needs --vocab_file or --model_class, one of them: what is to be checked")
    path, lower_case = options.vocab_file, options.lower_case
    if options.model_class:
        model_class = load_model_class(options.model_class)
        path, lower_case = str(fetch_vocabulary(model_class, options.vocab_dir)), model_class.lower_case
    try:
        data = read_whole(path)
    except OSError as error:
        option = "--vocab_file " if options.vocab_file else ""
        raise UserError(
            f"{option}{path}: cannot read the vocabulary: {error.strerror or error}; name a vocab.txt"
        ) from error
    if tokenizer_content(data) is not None:
        raise UserError(f"{path}: holds subwords, and vocab lint checks WordPiece; name a vocab.txt")
    pieces = split_pieces(data, path)
    sample = None
    if options.text:
        counter = WordCounter(lower_case)
        for text_path in options.text:
            for text in sample_texts(text_path, options.text_field):
                counter.add(text)
        sample = counter.finish()
    report = lint_vocabulary(pieces, lower_case, sample)
    print_report(report, path, lower_case)
    return 1 if report.has_errors else 0


def print_report(report: "LintReport", name: str, lower_case: bool, console: "Console | None" = None) -> None:
    """Print the report, in colour if the terminal can show it."""
    from rich.console import Console
    from rich.text import Text

    from vocab.lint import ERROR, WARNING

    colours = {ERROR: "bold red", WARNING: "yellow"}
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
        console.print(Text(f"{remark.level:<8}", style=colours.get(remark.level, "dim")) + Text(remark.text))
    count = sum(remark.level == ERROR for remark in report.remarks)
    verdict = Text(f"{count} error{'s' if count != 1 else ''}", "bold red") if count else Text("no errors", "green")
    console.print(verdict)
