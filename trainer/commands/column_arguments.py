"""Which columns of a labelled file hold what, on the command line of every command that reads one."""

import argparse
from dataclasses import fields

from trainer.examples.files.column_settings import ColumnSettings

_HELP = {
    "id_column": "the ids of examples (default: id or idx); - to number them from 1, where what stands there is no id",
    "text_column": "the text (default: text, sentence, or the first of a pair: sentence1, premise, question1, question)",
    "pair_column": "the second text of a pair, beside --text_column (default: text_pair, sentence2, hypothesis, ...)",
    "label_column": "the label (default: label or gold_label; of several labels: labels; of numbers: score, label, value)",
    "label_separator": "stands between several labels in one text, as in a .tsv file (default: |)",
    "tokens_column": "the words (default: tokens or words; in CoNLL columns: a number, 1)",
    "tag_column": (
        "the tags (default: tags or ner_tags; beside a text: spans; in CoNLL columns: a number from 1, or -1, the last; "
        "in CoNLL-U: upos, xpos, deprel, or misc:NAME)"
    ),
    "question_column": "the question (default: question)",
    "context_column": "the context of a question (default: context)",
    "answers_column": "the answers to a question (default: answers)",
}


def add_column_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags; each leaves the usual names if it is not given."""
    group = parser.add_argument_group("columns of a labelled file")
    for field in fields(ColumnSettings):
        metavar = "TEXT" if field.name == "label_separator" else "NAME"
        group.add_argument(f"--{field.name}", default=field.default, metavar=metavar, help=_HELP[field.name])


def chosen_columns(options: argparse.Namespace) -> ColumnSettings:
    """The columns that a parsed command line names. Raises UserError if they make no sense."""
    columns = ColumnSettings(**{field.name: getattr(options, field.name) for field in fields(ColumnSettings)})
    columns.validate()
    return columns
