"""Reads files with a word a line, its columns side by side, and a blank line between sentences (CoNLL and CoNLL-U).

Columns are separated by tabs if the first line of words has one, and else by spaces. Comments stand before the words
of a sentence and begin with "#". A line "-DOCSTART-" (CoNLL-2003) is passed over. In CoNLL-U, lines of multiword tokens
("1-2") and of empty nodes ("5.1") are passed over: the words are those that the treebank counts.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from beam_jobs.errors import UserError
from trainer.examples.example import Place
from trainer.examples.files.lines import read_lines

_CONLLU_COLUMNS = 10
_SENTENCE_ID = re.compile(r"#\s*sent_id\s*=\s*(\S.*)")
_DOCUMENT = "-DOCSTART-"
_NOT_A_WORD = re.compile(r"\d+-\d+|\d+\.\d+")  # the ids of multiword tokens and empty nodes


@dataclass(frozen=True)
class Sentence:
    """The words of a sentence: their lines, and their cells by column. `id` is "" if the file gives none."""

    id: str
    place: Place
    lines: tuple[int, ...]
    cells: tuple[tuple[str, ...], ...]


def read_sentences(uri: str, conllu: bool) -> tuple[list[Sentence], tuple[str, ...]]:
    """The sentences of a file, and remarks about it.

    Raises UserError for a file that `read_lines` refuses, one without words, and a line that has not as many columns as
    the first line of words has (10 in CoNLL-U).
    """
    opened = read_lines(uri)
    separator, count = _shape(opened.lines)
    count = _CONLLU_COLUMNS if conllu else count
    sentences: list[Sentence] = []
    lines: list[int] = []
    cells: list[tuple[str, ...]] = []
    name, first, documents = "", 0, 0
    for number, line in enumerate([*opened.lines, ""], 1):
        if not line.strip():
            if lines:
                sentences.append(Sentence(name, Place(uri, first), tuple(lines), tuple(cells)))
            lines, cells, name = [], [], ""
            continue
        columns = tuple(line.split(separator))
        if line.startswith("#") and not lines and (conllu or len(columns) != count):
            match = _SENTENCE_ID.match(line)
            name = match[1].strip() if match else name
            continue
        if columns[0] == _DOCUMENT:
            documents += 1
            continue
        if len(columns) != count:
            expected = "CoNLL-U has 10" if conllu else f"the first word has {count}"
            raise UserError(
                f"{uri}:{number}: has {len(columns)} column{'s' * (len(columns) > 1)}, but {expected}, separated by "
                f"{'tabs' if separator or conllu else 'spaces'}; mend the line"
            )
        if conllu and _NOT_A_WORD.fullmatch(columns[0]):
            continue
        first = first if lines else number
        lines.append(number)
        cells.append(columns)
    if not sentences:
        raise UserError(f"{uri}: has no words; name a file with a word a line")
    remarks = [*opened.remarks]
    if documents:
        remarks.append(f"{uri}: passed over {documents} line{'s' * (documents > 1)} {_DOCUMENT}")
    return sentences, tuple(remarks)


def _shape(lines: Sequence[str]) -> tuple[str | None, int]:
    """The separator of columns (None: any spaces), and their number, by the first line of words."""
    first = next((line for line in lines if line.strip() and not line.startswith(("#", _DOCUMENT))), "")
    separator = "\t" if "\t" in first else None
    return separator, len(first.split(separator))
