"""How the parts of `trainer/examples` are put together for each task, from a file to the batches of an epoch."""

import itertools

import numpy as np

from trainer.examples.buckets import choose_buckets
from trainer.examples.class_weights import balanced_weights
from trainer.examples.example_batches import NO_ROW, ExampleBatches
from trainer.examples.fields import Fields, answer_fields, label_fields, tag_fields, target_fields
from trainer.examples.files.column_settings import ColumnSettings
from trainer.examples.files.question_examples import read_questions
from trainer.examples.files.text_examples import read_texts
from trainer.examples.files.word_examples import read_words
from trainer.examples.labels import labels_of
from trainer.examples.question_rows import encode_questions
from trainer.examples.tags import tag_labels
from trainer.examples.text_rows import encode_texts
from trainer.examples.windows import WindowSettings
from trainer.examples.word_rows import encode_words

COLUMNS = ColumnSettings()


def epoch(fields: Fields, size: int = 2) -> list[dict[str, np.ndarray]]:
    batches = ExampleBatches(fields, choose_buckets(fields.lengths, 64), size, seed=1)
    return list(itertools.islice(batches.train(0), batches.steps_per_epoch))


def by_row(batches, name):
    """The values of a field by row, in the order of the rows."""
    found = [
        (row, value)
        for batch in batches
        for row, value in zip(batch["rows"], batch[name], strict=True)
        if row != NO_ROW
    ]
    return [value.tolist() for _, value in sorted(found, key=lambda pair: pair[0])]


def test_classify(write, uncased):
    path = write("a.tsv", "text\tlabel\ngood\tpos\nbad\tneg\nfine\tpos\n")
    examples = read_texts(path, COLUMNS, purpose="train").examples
    named = [(name, example.place) for example in examples for name in example.labels or ()]
    labels = labels_of(name for name, _ in named)
    ids = labels.ids(named)
    batches = epoch(label_fields(encode_texts(examples, uncased, 64), ids, balanced_weights(ids, len(labels))))
    assert by_row(batches, "labels") == [1, 0, 1]
    assert by_row(batches, "weights") == [0.75, 1.5, 0.75]
    assert [batch["input_ids"].shape for batch in batches] == [(2, 8), (2, 8)]


def test_several_labels_and_numbers(write, uncased):
    examples = read_texts(write("a.tsv", "text\tlabels\na\tx|y\nb\ty\n"), COLUMNS, "several").examples
    labels = labels_of(name for example in examples for name in example.labels or ())
    sets = np.array([[name in (example.labels or ()) for name in labels.names] for example in examples])
    assert by_row(epoch(target_fields(encode_texts(examples, uncased, 64), sets)), "targets") == [[1, 1], [0, 1]]
    path = write("b.tsv", "sentence1\tsentence2\tscore\na\tb\t2.5\n")
    examples = read_texts(path, COLUMNS, "number", pairs=True).examples
    targets = np.array([example.value for example in examples])
    assert by_row(epoch(target_fields(encode_texts(examples, uncased, 64), targets)), "targets") == [2.5]


def test_tag(write, uncased):
    examples = read_words(write("a.conll", "Ola\tB-PER\nNordmann\tI-PER\nler\tO\n"), COLUMNS).examples
    labels = tag_labels(examples)
    ids = [labels.ids([(tag, example.place) for tag in example.tags or ()]) for example in examples]
    (batch,) = epoch(tag_fields(encode_words(examples, uncased, WindowSettings(64, 16, 0)), ids))
    at = np.flatnonzero(batch["label_weights"][0])
    assert [labels.names[i] for i in batch["labels"][0, at]] == ["B-PER", "I-PER", "O"]
    assert at.tolist() == [1, 4, 12]


def test_answer(write, uncased):
    row = {"question": "who?", "context": "here is Ola", "answers": {"text": ["Ola"], "answer_start": [8]}}
    examples = read_questions(write("a.jsonl", [row]), COLUMNS).examples
    rows = encode_questions(examples, uncased, WindowSettings(64, 16, 8))
    (batch,) = epoch(answer_fields(rows))
    first, last = batch["start_positions"][0], batch["end_positions"][0]
    assert row["context"][rows[0].starts[first] : rows[0].ends[last]] == "Ola"
    assert batch["answer_mask"][0].sum() == 1 + len("hereisOla")
