import logging

import pytest
from tiny_tasks import texts, write_lines

from beam_jobs.errors import UserError
from trainer.examples.files.column_settings import ColumnSettings
from trainer.examples.labels import Labels
from trainer.finetuning.labelled_set import encode_set, read_examples, tell_labels
from trainer.finetuning.settings import TaskSettings
from trainer.finetuning.text_task import TextTask


@pytest.fixture
def data(pieces):
    return TextTask(
        TaskSettings("classify", max_seq_length=16), Labels(("negativ", "positiv")), pieces, ColumnSettings()
    )


def test_the_examples_of_all_files_one_after_the_other(data, tmp_path):
    files = [write_lines(tmp_path / f"{i}.jsonl", texts(3, i)) for i in range(2)]
    examples = read_examples(data, files, "train")
    assert [example.place.file for example in examples] == [files[0]] * 3 + [files[1]] * 3
    found = encode_set(data, files, examples)
    assert (found.files, len(found.encoded.rows)) == (tuple(files), 6)


def test_a_set_is_known_by_what_it_says_and_not_by_its_place(data, tmp_path):
    rows = texts(3, 1)
    sets = []
    for name, changed in (("a", rows), ("b", rows), ("c", [{**rows[0], "label": "positiv", "text": "."}, *rows[1:]])):
        file = write_lines(tmp_path / f"{name}.jsonl", changed)
        sets.append(encode_set(data, (file,), read_examples(data, (file,), "train")))
    assert sets[0].digest == sets[1].digest != sets[2].digest


def test_an_empty_file_is_refused(data, tmp_path):
    (tmp_path / "none.jsonl").write_text("")
    with pytest.raises(UserError, match=r"none\.jsonl"):
        read_examples(data, (str(tmp_path / "none.jsonl"),), "train")


def test_labels_are_told_with_their_numbers(data, tmp_path, caplog):
    caplog.set_level(logging.INFO, logger="trainer")
    file = write_lines(tmp_path / "a.jsonl", [{"text": "bok", "label": "positiv"}] * 2)
    tell_labels(data, read_examples(data, (file,), "train"))
    assert "labels: negativ 0, positiv 2" in caplog.messages
    assert "no training example has the label negativ" in caplog.messages
