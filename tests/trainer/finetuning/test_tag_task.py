import numpy as np
import pytest
from tiny_tasks import write_lines

from trainer.examples.files.column_settings import ColumnSettings
from trainer.examples.labels import Labels
from trainer.finetuning.settings import TaskSettings
from trainer.finetuning.tag_task import TagTask

ZERO_WIDTH = "\u200b"
ROWS = [
    {"id": "a", "tokens": ["Kari", "bor", ZERO_WIDTH, "i", "Oslo"], "tags": ["B-PER", "O", "O", "O", "B-LOC"]},
    {"id": "b", "tokens": ["Ola"] * 20, "tags": ["B-PER"] * 20},
]


@pytest.fixture
def data(pieces):
    settings = TaskSettings("tag", max_seq_length=10, window_overlap=4)
    return TagTask(settings, Labels(("B-LOC", "B-PER", "O")), pieces, ColumnSettings())


@pytest.fixture
def examples(data, tmp_path):
    return data.read(write_lines(tmp_path / "rows.jsonl", ROWS), "train")[0]


def logits_for(encoded, labels, wanted):
    """Logits that say what `wanted(example, word)` says, at first pieces; nonsense elsewhere."""
    found = []
    for row in encoded.rows:
        values = np.tile(np.array([9.0, 0.0, 0.0], np.float32), (len(row.ids), 1))
        for place, word in zip(row.first_pieces, row.words, strict=True):
            values[place] = np.eye(3)[labels.names.index(wanted(row.example, word))]
        found.append(values)
    return found


def test_every_word_has_exactly_one_tag_also_beyond_a_window_and_without_pieces(data, examples):
    encoded = data.encode(examples, labelled=True)
    assert len(encoded.rows) > 2
    assert any("20" in remark or "no piece" in remark for remark in encoded.remarks)
    found = data.predict(
        examples, encoded, logits_for(encoded, data.labels, lambda example, word: ROWS[example]["tags"][word])
    )
    assert [row["tags"] for row in found.rows] == [row["tags"] for row in ROWS]
    assert found.predictions.predicted == found.predictions.gold
    assert found.rows[0]["entities"] == [
        {"type": "PER", "start": 0, "end": 4, "text": "Kari"},
        {"type": "LOC", "start": 13, "end": 17, "text": "Oslo"},
    ]


def test_first_pieces_alone_have_labels(data, examples):
    fields = data.encode(examples, labelled=True).fields.per_piece
    assert fields["label_weights"][0].sum() == 4, "the word without a piece has none"
    assert sum(weights.sum() for weights in fields["label_weights"][1:]) == 20


def test_who_counts_tags_says_the_most_frequent_one(data, examples):
    assert data.baseline(examples, examples[:1]).predicted == (("B-PER",) * 5,)
    assert data.class_weights(examples) == pytest.approx((25 / 3, 25 / 63, 25 / 9)), "as scikit-learn's balanced"
    assert data.form.labels == ("B-LOC", "B-PER", "O")
    assert data.task(0.1, ()).figures == ("loss", "accuracy")
