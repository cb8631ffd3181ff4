import pytest

from beam_jobs.errors import UserError
from trainer.examples.files.column_settings import ColumnSettings
from trainer.examples.files.json_rows import read_json_lines
from trainer.examples.files.span_examples import span_examples


def read(write, *rows, purpose="score"):
    return span_examples(read_json_lines(write("a.jsonl", list(rows))), ColumnSettings(), purpose)


def test_spans_are_objects_or_lists(write):
    found = read(
        write,
        {"text": "Ola ler", "spans": [{"start": 0, "end": 3, "label": "PER"}]},
        {"text": "Ola ler", "spans": [[0, 2, "PER"]]},
        {"text": "ler", "spans": []},
    )
    one, two, three = found.examples
    assert (one.words, one.tags, one.text) == (("Ola", "ler"), ("B-PER", "O"), "Ola ler")
    assert one.offsets == ((0, 3), (4, 7))
    assert two.tags == one.tags
    assert three.tags == ("O",)
    assert found.remarks[0].endswith("1 of 2 spans begin or end inside of a word; widened to it")


def test_a_text_alone_is_enough_to_predict(write):
    assert read(write, {"text": "Ola"}, purpose="predict").examples[0].tags is None


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"text": "Ola"}, "has no column spans or entities or label"),
        ({"text": "Ola", "spans": None}, "has no spans"),
        ({"text": " ", "spans": []}, "holds no word"),
        ({"text": "Ola", "spans": "PER"}, "spans is text, not a list"),
        ({"text": "Ola", "spans": [3]}, "span 1 of spans is no object"),
        ({"text": "Ola", "spans": [[0, 3.0, "PER"]]}, "end of span 1 is a number, not a number of characters"),
        ({"text": "Ola", "spans": [[0, 3, ""]]}, "label of span 1"),
    ],
)
def test_other_rows_are_refused(write, row, why):
    with pytest.raises(UserError, match=why):
        read(write, row)
