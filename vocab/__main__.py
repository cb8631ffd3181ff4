"""`python -m vocab lint | fetch`: checking a vocabulary, and fetching one for a machine without network."""

import argparse
import gzip
import json
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from vocab.command_process import run_as_process
from vocab.errors import UserError
from vocab.fetch import fetch_vocabulary
from vocab.interruption import BEGINS_AGAIN
from vocab.lint import ERROR, WARNING, LintReport, lint_vocabulary
from vocab.model_class import built_in_names, load_model_class
from vocab.read_uri import read_uri
from vocab.vocabulary import split_pieces
from vocab.word_counter import WordCounter

_COLOURS = {ERROR: "bold red", WARNING: "yellow"}


def main(arguments: Sequence[str]) -> int:
    """Run a command; the exit status is 0, 1 when the vocabulary has errors, 2 for a mistake in the command line."""
    parser = argparse.ArgumentParser(prog="run.sh vocab", description="Check and fetch vocabularies.")
    commands = parser.add_subparsers(dest="command", required=True)
    lint = commands.add_parser("lint", help="check a vocabulary, and how it spells a sample of text")
    lint.add_argument("--vocab_file", default="", help="a vocab.txt (path or URI)")
    lint.add_argument("--model_class", default="", help="instead: a built-in model class or a model-class file")
    lint.add_argument("--vocab_dir", default="", help="with --model_class: folder where vocabularies are kept")
    lint.add_argument(
        "--text", nargs="+", action="extend", default=[], metavar="FILE", help="sample: .txt, .jsonl, or .gz"
    )
    lint.add_argument("--text_field", default="text", help="the field of a .jsonl sample that holds the text")
    lint.add_argument("--lower_case", action="store_true", help="text is lower-cased, as for the uncased models")
    fetch = commands.add_parser("fetch", help="fetch the vocabulary of a model class, check it and keep it")
    fetch.add_argument("--model_class", required=True, help=f"a .json file, or {', '.join(built_in_names())}")
    fetch.add_argument("--vocab_dir", default="", help="folder to keep it in (default: the user's cache)")
    options = parser.parse_args(arguments)
    if options.command == "fetch":
        print(fetch_vocabulary(load_model_class(options.model_class), options.vocab_dir))
        return 0
    return _lint(options)


def _lint(options: argparse.Namespace) -> int:
    if bool(options.vocab_file) == bool(options.model_class):
        raise UserError("vocab lint needs --vocab_file or --model_class, one of them: what is to be checked")
    path, lower_case = options.vocab_file, options.lower_case
    if options.model_class:
        model_class = load_model_class(options.model_class)
        path, lower_case = str(fetch_vocabulary(model_class, options.vocab_dir)), model_class.lower_case
    try:
        pieces = split_pieces(read_uri(path), path)
    except OSError as error:
        raise UserError(f"{path}: cannot read the vocabulary: {error.strerror or error}") from error
    sample = None
    if options.text:
        counter = WordCounter(lower_case)
        for text_path in options.text:
            for text in _texts(Path(text_path), options.text_field):
                counter.add(text)
        sample = counter.finish()
    report = lint_vocabulary(pieces, lower_case, sample)
    print_report(report, path, lower_case)
    return 1 if report.has_errors else 0


def _texts(path: Path, text_field: str) -> Iterator[str]:
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
            for number, line in enumerate(file, 1):
                text = line.decode("utf-8", "ignore")
                if ".jsonl" in path.suffixes and text.strip():
                    yield _text_in_json(text, text_field, f"--text {path}: line {number}")
                else:
                    yield text
    except (EOFError, zlib.error) as error:
        raise UserError(f"--text {path}: the compressed file is truncated or corrupt") from error
    except OSError as error:
        raise UserError(f"--text {path}: cannot read it: {error.strerror or error}") from error


def _text_in_json(line: str, text_field: str, where: str) -> str:
    try:
        text = json.loads(line)[text_field]
    except (ValueError, KeyError, TypeError):
        text = None
    if not isinstance(text, str):
        raise UserError(f"{where} is no JSON object with a text {text_field!r}; name the field with --text_field")
    return text


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
