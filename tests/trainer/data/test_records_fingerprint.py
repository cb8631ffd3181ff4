"""Records without a manifest are the same wherever they lie, and others when any shard is another."""

import pytest

from trainer.data.records_fingerprint import records_fingerprint


@pytest.fixture
def write(tmp_path):
    def make(folder, **shards):
        for name, data in shards.items():
            path = tmp_path / folder / name.replace("__", "/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.with_name(f"{path.name}.tfrecord").write_bytes(data)
        return records_fingerprint(str(tmp_path / folder), "default")

    return make


def test_what_is_the_same_and_what_is_not(write):
    one = write("one", train__a=b"1" * 9, train__b=b"2" * 9, dev__c=b"3")
    assert write("moved", train__a=b"1" * 9, train__b=b"2" * 9) == one
    assert write("without/folder", a=b"1" * 9, b=b"2" * 9) == one
    others = [
        write("other", train__a=b"1" * 9, train__b=b"2" * 8 + b"3"),
        write("longer", train__a=b"1" * 9, train__b=b"2" * 10),
        write("more", train__a=b"1" * 9, train__b=b"2" * 9, train__c=b"2"),
        write("fewer", train__a=b"1" * 9),
        write("swapped", train__a=b"2" * 9, train__b=b"1" * 9),
    ]
    assert len({one, *others}) == 6
