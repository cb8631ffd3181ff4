import pytest

from beam_jobs.api.read_instances import read_instances
from beam_jobs.errors import UserError


@pytest.fixture
def folder(tmp_path, serialise, frame, classic, dynamic, small_vocabulary):
    (tmp_path / "vocab.txt").write_text("\n".join(small_vocabulary.pieces))
    (tmp_path / "a.tfrecord").write_bytes(frame([serialise(classic()), serialise(classic(next_sentence_labels=[0]))]))
    (tmp_path / "b.tfrecord").write_bytes(frame([serialise(dynamic())]))
    return tmp_path


def test_instances_come_in_order_with_their_places(folder):
    found = list(read_instances(folder))
    assert [(one.shard.rpartition("/")[2], one.record, one.label) for one in found] == [
        ("a.tfrecord", 0, 1),
        ("a.tfrecord", 1, 0),
        ("b.tfrecord", 0, 0),
    ]


def test_what_the_model_is_given_and_what_it_is_to_predict(folder):
    static, _, unmasked = read_instances(folder)
    assert static.pieces == ["[CLS]", "så", "[MASK]", "##en", ".", "[SEP]", "katt", "blå", "hund", ".", "[SEP]"]
    assert static.predictions == {2: "hund", 6: "katt", 8: "##bær"}
    assert unmasked.pieces == ["[CLS]", "så", "hund", "##en", ".", "[SEP]", "katt", "blå", "##bær", ".", "[SEP]"]
    assert unmasked.predictions == {}
    assert str(static).startswith("A [CLS] så [MASK→hund]")


def test_mistakes_are_told_at_once_and_damage_while_it_is_read(folder):
    with pytest.raises(UserError, match="none"):
        read_instances(folder / "none")
    path = folder / "b.tfrecord"
    path.write_bytes(path.read_bytes()[:-1])
    instances = read_instances(folder)
    next(instances)
    next(instances)
    with pytest.raises(UserError, match=r"b\.tfrecord"):
        next(instances)
