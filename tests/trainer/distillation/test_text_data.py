import dataclasses

import numpy as np
import pytest
from tiny_students import plan

from beam_jobs.errors import UserError
from trainer.devices.runtime import current_runtime
from trainer.distillation.teacher import read_teacher
from trainer.distillation.text_data import is_text, text_data
from trainer.plans.distillation import Distillation

STATES = Distillation(soft_weight=0.0, mlm_weight=0.0)


@pytest.fixture(scope="module")
def read(headless):
    return read_teacher(headless, STATES)


def test_texts_are_told_by_their_ending():
    assert [
        is_text(uri) for uri in ("a.txt", "b/a.jsonl.gz", "s3://b/a.PARQUET", "corpus/instances", "a.tfrecord")
    ] == [
        *(True, True, True),
        *(False, False),
    ]


def test_every_text_with_a_piece_is_a_row(read, tmp_path):
    file = tmp_path / "a.txt"
    file.write_text("if a class\n\n  \nwhile\n", encoding="utf-8")
    data = text_data(plan(), [str(file)], str(file), read)
    assert data.described["rows"] == 2
    phase = data.open(data.plan, [8], current_runtime())[0]
    train, dev = next(phase.train(0)), list(phase.evaluation())
    assert train["weights"].sum() == 2
    assert train["input_ids"].shape == (8, 8)
    assert len(dev) == 1
    assert read.vocabulary[int(train["input_ids"][0, 0])] == "[CLS]"
    assert set(data.kept) >= {"tokenizer.json", "vocab.txt"}


def test_long_texts_are_cut_to_the_length_of_each_phase(read, tmp_path):
    file = tmp_path / "a.txt"
    file.write_text("class " * 100 + "\n", encoding="utf-8")
    made = plan()
    short = dataclasses.replace(made.phases[0], name="short", sequence_length=16)
    data = text_data(made.with_phases([*made.phases, short]), [str(file)], "", read)
    for phase, length in zip(data.open(data.plan, [8, 8], current_runtime()), (64, 16), strict=True):
        ids = next(phase.train(0))["input_ids"]
        assert ids.shape == (8, length)
        assert read.vocabulary[ids[0, -1]] == "[SEP]"
        assert phase.evaluation is None


def test_the_content_is_told_by_the_pieces(read, tmp_path):
    for name, text in (("a", "if a\nclass\n"), ("b", "if  a\nclass\n"), ("c", "if a class\n")):
        (tmp_path / f"{name}.txt").write_text(text)
    a, b, c = (text_data(plan(), [str(tmp_path / f"{name}.txt")], "", read).contents[0] for name in "abc")
    assert a == b != c


def test_files_without_texts_are_refused(read, tmp_path):
    (tmp_path / "a.txt").write_text("\u200b\n \u200b\n", encoding="utf-8")
    with pytest.raises(UserError, match=r"a.txt: has no texts to learn from"):
        text_data(plan(), [str(tmp_path / "a.txt")], "", read)
    with pytest.raises(UserError, match=r"b.txt"):
        text_data(plan(), [str(tmp_path / "b.txt")], "", read)


def test_texts_may_be_a_column_of_a_table(read, tmp_path):
    (tmp_path / "a.tsv").write_text("id\tbody\n1\tif a\n2\tclass\n")
    data = text_data(plan(), [str(tmp_path / "a.tsv")], "", read, text_column="body")
    assert np.shape(next(data.open(data.plan, [8], current_runtime())[0].train(0))["input_ids"]) == (8, 8)
