import numpy as np

from trainer.examples.fields import answer_fields, label_fields, tag_fields, target_fields
from trainer.examples.question_rows import QuestionWindow
from trainer.examples.text_rows import EncodedText
from trainer.examples.word_rows import WordWindow


def array(*values):
    return np.array(values, np.int32)


TEXTS = [EncodedText(0, array(2, 5, 3), array(0, 0, 0), 0), EncodedText(1, array(2, 3), array(0, 0), 0)]


def test_labels_and_the_weights_of_their_classes():
    fields = label_fields(TEXTS, array(1, 0), np.array([0.5, 2], np.float32))
    assert fields.lengths.tolist() == [3, 2]
    assert fields.per_row["labels"].tolist() == [1, 0]
    assert fields.per_row["weights"].tolist() == [2, 0.5]
    assert label_fields(TEXTS, array(1, 0)).per_row["weights"].tolist() == [1, 1]
    assert set(label_fields(TEXTS, None).per_row) == {"weights"}


def test_targets():
    assert target_fields(TEXTS, np.array([0.5, -1])).per_row["targets"].tolist() == [0.5, -1]
    assert target_fields(TEXTS, np.eye(2)).per_row["targets"].dtype == np.float32


def test_tags_stand_at_the_first_pieces_of_words_predicted_here():
    rows = [WordWindow(1, array(2, 5, 6, 7, 3), array(0, 0, 0, 0, 0), array(1, 3), array(4, 5))]
    fields = tag_fields(rows, [array(), array(9, 9, 9, 9, 1, 2)], np.array([1, 2, 3], np.float32))
    assert fields.per_piece["labels"][0].tolist() == [0, 1, 0, 2, 0]
    assert fields.per_piece["label_weights"][0].tolist() == [0, 2, 0, 3, 0]
    assert set(tag_fields(rows, None).per_piece) == {"input_ids", "segment_ids"}


def test_answers_stand_in_the_context_or_at_cls():
    row = QuestionWindow(
        0, array(2, 5, 3, 6, 7, 3), array(0, 0, 0, 1, 1, 1), array(-1, -1, -1, 0, 2, -1), array(-1, -1, -1, 1, 3, -1),
        np.array([False] * 6), (3, 4),
    )  # fmt: skip
    fields = answer_fields([row])
    assert fields.per_piece["answer_mask"][0].tolist() == [1, 0, 0, 1, 1, 0]
    assert (fields.per_row["start_positions"].tolist(), fields.per_row["end_positions"].tolist()) == ([3], [4])
