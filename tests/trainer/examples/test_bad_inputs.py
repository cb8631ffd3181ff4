"""Every kind of bad input that is foreseen is one line that names the file, and the row where there is one."""

import gzip
from pathlib import Path

import pytest

from beam_jobs.errors import UserError
from trainer.examples.files.column_settings import ColumnSettings
from trainer.examples.files.question_examples import read_questions
from trainer.examples.files.text_examples import read_texts
from trainer.examples.files.word_examples import read_words
from trainer.examples.labels import Labels, labels_of
from trainer.examples.tags import tag_labels
from trainer.examples.windows import WindowSettings

SETTINGS = ColumnSettings()


def text(uri):
    """Texts with the labels of another file, `pos` and `neg`."""
    examples = read_texts(uri, SETTINGS).examples
    labels_of(["pos", "neg"]).ids([(name, example.place) for example in examples for name in example.labels])


def pairs(uri):
    read_texts(uri, SETTINGS, pairs=True)


def numbers(uri):
    read_texts(uri, SETTINGS, "number")


def several(uri):
    read_texts(uri, SETTINGS, "several")


def words(uri):
    """Words with the tags of another file, of the type PER."""
    examples = read_words(uri, SETTINGS).examples
    labels = tag_labels([*read_words(str(Path(uri).with_name("train.conll")), SETTINGS).examples])
    labels.ids([(tag, example.place) for example in examples for tag in example.tags])


def questions(uri):
    read_questions(uri, SETTINGS)


BAD = {
    "no file": (text, "a.tsv", None, r"a\.tsv: cannot be read"),
    "unknown ending": (text, "a.xls", "x", r"a\.xls: its ending tells no format"),
    "empty file": (text, "a.tsv", "", r"a\.tsv: is empty"),
    "header alone": (text, "a.tsv", "text\tlabel\n", r"a\.tsv: has a header and no rows"),
    "no header": (text, "a.tsv", "Fin film\tpos\nTam\tneg\n", r"a\.tsv: has no column text .*the first line must name the col"),
    "header again": (text, "a.tsv", "text\tlabel\na\tpos\ntext\tlabel\n", r"a\.tsv:3: repeats the header"),
    "column named twice": (text, "a.csv", "text,text,label\na,b,pos\n", r"a\.csv:1: names the column 'text' twice"),
    "column missing": (text, "a.jsonl", [{"text": "a", "klasse": "pos"}], r"a\.jsonl: has no column label or gold_label; name one"),
    "key missing in a row": (text, "a.jsonl", [{"text": "a", "label": "pos"}, {"label": "neg"}], r"a\.jsonl:2: has no text"),
    "too few cells": (text, "a.tsv", "text\tlabel\na\n", r"a\.tsv:2: has 1 cell"),
    "too many cells": (text, "a.csv", "text,label\na, b,pos\n", r"a\.csv:2: has 3 cells"),
    "open quotes": (text, "a.csv", 'text,label\n"a,pos\nb,neg\n', r"a\.csv:2: the row that begins here is not CSV"),
    "commas in .tsv": (text, "a.tsv", "text,label\na,pos\n", r"a\.tsv:1: the header has commas and no tabs"),
    "broken JSON": (text, "a.jsonl", '{"text": "a", "label": "pos"}\n{"text": "b\n', r"a\.jsonl:2: is not JSON"),
    "an array named .jsonl": (text, "a.jsonl", '[{"text": "a"}]\n', r"a\.jsonl:1: holds a list, not an object; name"),
    "not UTF-8": (text, "a.tsv", "text\tlabel\nBlåbær\tpos\n".encode("latin-1"), r"a\.tsv:2: is not valid UTF-8"),
    "UTF-16": (text, "a.tsv", "text\tlabel\na\tpos\n".encode("utf-16"), r"a\.tsv: is UTF-16 text; save it as UTF-8"),
    "gzip without .gz": (text, "a.tsv", gzip.compress(b"text\tlabel\n"), r"a\.tsv: is compressed by gzip"),
    "cut off gzip": (text, "a.tsv.gz", gzip.compress(b"text\tlabel\n" * 99)[:-9], r"a\.tsv\.gz is damaged"),
    "no Parquet": (text, "a.parquet", "text", r"a\.parquet: is no readable Parquet file"),
    "text that is a number": (text, "a.jsonl", [{"text": 5, "label": "pos"}], r"a\.jsonl:1: text is a number, not text"),
    "unseen label": (text, "a.tsv", "text\tlabel\na\tpos\nb\tnei\n", r"a\.tsv:3: the label 'nei' is none of neg, pos"),
    "byte order mark in a label": (text, "a.tsv", "text\tlabel\na\t\ufeffpos\n", r"a\.tsv:2: the label '\\ufeffpos' is none of"),
    "no label": (text, "a.jsonl", [{"text": "a", "label": None}], r"a\.jsonl:1: has no label; add the label"),
    "several labels for one": (text, "a.jsonl", [{"text": "a", "label": ["pos"]}], r"a\.jsonl:1: label is a list, not the name"),
    "a number for a label": (text, "a.jsonl", [{"text": "a", "label": 0.5}], r"a\.jsonl:1: label is a number, not the name"),
    "a label twice": (several, "a.jsonl", [{"text": "a", "labels": ["x", "x"]}], r"a\.jsonl:1: names the label 'x' twice"),
    "a word for a number": (numbers, "a.tsv", "text\tscore\na\t3,5\n", r"a\.tsv:2: score is '3,5', not a number"),
    "an infinite number": (numbers, "a.tsv", "text\tscore\na\tnan\n", r"a\.tsv:2: score is nan"),
    "ids twice": (text, "a.tsv", "id\ttext\tlabel\n1\ta\tpos\n1\tb\tneg\n", r"a\.tsv:3: the id '1' stands in row 2 too"),
    "no id": (text, "a.jsonl", [{"id": None, "text": "a", "label": "pos"}], r"a\.jsonl:1: its id is null"),
    "no second text": (pairs, "a.jsonl", [{"text": "a", "label": "pos"}], r"a\.jsonl: has no column pair of texts"),
    "pairs for one text": (text, "a.jsonl", [{"text": "a", "text_pair": "b", "label": "x"}], r"a\.jsonl: has pairs of texts"),
    "mixed columns": (words, "a.conll", "Ola\tB-PER\nler\n", r"a\.conll:2: has 1 column, but the first word has 2"),
    "CoNLL-U that is none": (words, "a.conllu", "Ola\tB-PER\n", r"a\.conllu:1: has 2 columns, but CoNLL-U has 10"),
    "header of words": (words, "a.conll", "Ord\tMerke\nOla\tB-PER\n", r"a\.conll:1: the word 'Ord' has the tag 'Merke'"),
    "a tag that is no IOB": (words, "a.conll", "Ola\tB-PER\nler\tPER\n", r"a\.conll:2: the word 'ler' has the tag 'PER'"),
    "unseen tag": (words, "a.conll", "Oslo\tB-LOC\n", r"a\.conll:1: the label 'B-LOC' is none of B-PER, I-PER, O"),
    "empty word": (words, "a.conll", "Ola\tO\n\tO\n", r"a\.conll:2: the word is empty"),
    "no words": (words, "a.conll", "# tom\n", r"a\.conll: has no words"),
    "fewer tags than words": (words, "a.jsonl", [{"tokens": ["a", "b"], "tags": ["O"]}], r"a\.jsonl:1: has 2 words, but 1 tags"),
    "an empty token": (words, "a.jsonl", [{"tokens": [""], "tags": ["O"]}], r"a\.jsonl:1: word 1 of tokens is empty"),
    "span outside of the text": (words, "a.jsonl", [{"text": "Ola", "spans": [[0, 4, "PER"]]}], r"a\.jsonl:1: the span \[0, 4\) PER"),
    "spans that overlap": (words, "a.jsonl", [{"text": "Ola N", "spans": [[0, 5, "A"], [0, 3, "B"]]}], r"a\.jsonl:1: .* overlaps"),
    "a span without words": (words, "a.jsonl", [{"text": "a  b", "spans": [[1, 3, "A"]]}], r"a\.jsonl:1: .* holds no word"),
    "answer not at its offset": (
        questions,
        "a.jsonl",
        [{"question": "Hvor?", "context": "I Oslo", "answers": [{"text": "Oslo", "answer_start": 1}]}],
        r"a\.jsonl:1: the answer 'Oslo' is not at character 1 of its context; it stands at 2",
    ),
    "answer elsewhere": (
        questions,
        "a.jsonl",
        [{"question": "Hvor?", "context": "I Oslo", "answers": [{"text": "Bergen", "answer_start": 2}]}],
        r"a\.jsonl:1: .*it stands nowhere in it",
    ),
    "no answers": (questions, "a.jsonl", [{"question": "Hvor?", "context": "I Oslo"}], r"a\.jsonl: has no column answers"),
    "an impossible question with answers": (
        questions,
        "a.jsonl",
        [{"question": "?", "context": "a", "is_impossible": True, "answers": [{"text": "a", "answer_start": 0}]}],
        r"a\.jsonl:1: is_impossible is true, but there are answers",
    ),
    "SQuAD without paragraphs": (questions, "a.json", {"data": [{"paragraphs": [{"context": "a"}]}]}, r"a\.json: .* no list qas"),
}  # fmt: skip


@pytest.mark.parametrize(("read", "name", "content", "message"), BAD.values(), ids=BAD)
def test_a_bad_input_is_one_line_with_its_file(write, read, name, content, message):
    write("train.conll", "Ola\tB-PER\n")
    uri = write(name, content) if content is not None else str(Path(write("b", "")).with_name(name))
    with pytest.raises(UserError, match=message) as raised:
        read(uri)
    assert str(raised.value).startswith(uri)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (WindowSettings(128, 126, 0), "--window_overlap is 126"),  # not less than the room for words
        (WindowSettings(384, 320), "--window_overlap is 320"),  # not less than the room beside the longest question
        (WindowSettings(64, 16), "--max_seq_length is 64"),  # a question could fill the whole window
        (WindowSettings(64, 16, -8), "--max_question_length is -8"),
        (ColumnSettings(pair_column="b"), "--pair_column is b, but --text_column is not given"),
        (ColumnSettings(label_separator=""), "--label_separator is empty"),
        (Labels(("a", "a")), "--labels names 'a' 2 times"),
        (Labels(("a", "")), "--labels has an empty name"),
        (Labels(()), "--labels names none"),
    ],
)
def test_a_bad_setting_is_one_line_with_its_name(settings, message):
    with pytest.raises(UserError) as raised:
        settings.validate()
    assert str(raised.value).startswith(message)
    assert "\n" not in str(raised.value)


def test_at_least_25_kinds_are_foreseen():
    assert len(BAD) >= 25
