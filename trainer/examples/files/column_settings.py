"""Which columns of a file hold what."""

import re
from dataclasses import dataclass

from beam_jobs.errors import Problems, raise_first

NUMBERED = "-"
"""In place of a column's name: the examples are numbered from 1 instead."""

_WORD_COLUMN = re.compile(r"-?[1-9]\d*")


@dataclass(frozen=True)
class ColumnSettings:
    """The names of columns; an empty one stands for the usual names, the first of which that the file has is taken.

    A file with words in columns (CoNLL) has no names: there `tokens_column` and `tag_column` are numbers, from 1, or
    from -1 for the last; for CoNLL-U, `tag_column` is `upos`, `xpos`, `deprel`, or `misc:NAME` for the value of NAME
    in the column MISC.
    """

    id_column: str = ""  # id, idx; NUMBERED if an id stands there that is not one
    text_column: str = ""  # text, sentence1, premise, question1, sentence ...
    pair_column: str = ""  # text_pair, sentence2, hypothesis, question2 ...
    label_column: str = ""  # label, gold_label; of several labels: labels, label; of numbers: score, label, value
    label_separator: str = "|"  # between several labels that a text names, as in a .tsv file
    tokens_column: str = ""  # tokens, words; of CoNLL: 1
    tag_column: str = ""  # tags, ner_tags, labels; spans, entities, label; of CoNLL: -1; of CoNLL-U: upos
    question_column: str = ""  # question
    context_column: str = ""  # context
    answers_column: str = ""  # answers

    def problems(self) -> Problems:
        """Each setting that cannot be meant, with its remedy."""
        if not self.label_separator:
            yield "label_separator", "is empty; name the characters between two labels, such as '|'"
        if self.pair_column and not self.text_column:
            yield "pair_column", f"is {self.pair_column}, but --text_column is not given; name both"
        if self.pair_column and self.pair_column == self.text_column:
            yield "pair_column", f"is {self.pair_column}, as --text_column is; name the column of the second text"

    def validate(self) -> None:
        """Raise UserError for the first problem."""
        raise_first(self.problems(), "--")


def column_number(setting: str, default: int) -> int | None:
    """The number in a setting for CoNLL columns, `default` if it is empty; None if it is none."""
    if not setting:
        return default
    return int(setting) if _WORD_COLUMN.fullmatch(setting) else None
