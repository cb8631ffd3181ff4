import google_crc32c
import numpy as np
import pytest

from trainer.run.checkpoint_digest import array_digest, digests_of, what_differs

STATE = {"weights": {"a/b": np.arange(6, dtype=np.float32).reshape(2, 3)}, "step": np.int32(4)}
RECORD = {"progress": {"step": 4}}


def test_the_digest_of_an_array_is_of_dtype_shape_and_bytes():
    value = np.array([[1, 2]], "<i4")
    assert array_digest(value) == f"{google_crc32c.value(b'<i4(1, 2)' + value.tobytes()):08x}"
    assert array_digest(np.int32(1)) == f"{google_crc32c.value(b'<i4()' + np.int32(1).tobytes()):08x}"
    others = [value.astype("<i8"), value.reshape(2, 1), value + 1]
    assert array_digest(value) not in [array_digest(other) for other in others]
    turned = np.array([[1, 3], [2, 4]], np.int32).T
    assert array_digest(turned) == array_digest(np.ascontiguousarray(turned))


def test_every_array_has_one_by_its_path():
    digests = digests_of(STATE, RECORD)
    assert list(digests["arrays"]) == ["step", "weights a/b"]
    text = b'{"progress": {"step": 4}}'
    assert digests["record"] == f"{google_crc32c.value(text):08x}"
    assert what_differs(STATE, RECORD, digests) == ""


@pytest.mark.parametrize(
    ("state", "record", "says"),
    [
        ({**STATE, "step": np.int32(5)}, RECORD, "step is not what was saved"),
        ({"step": np.int32(4)}, RECORD, "weights a/b is not what was saved"),
        ({**STATE, "more": np.zeros(1)}, RECORD, "more is not what was saved"),
        (STATE, {"progress": {"step": 5}}, "its record is not what was saved"),
    ],
)
def test_what_differs_is_named(state, record, says):
    assert what_differs(state, record, digests_of(STATE, RECORD)) == says


def test_one_bit_is_enough():
    flipped = STATE["weights"]["a/b"].copy()
    flipped.view(np.uint8)[0, 3] ^= 1
    assert what_differs({**STATE, "weights": {"a/b": flipped}}, RECORD, digests_of(STATE, RECORD))
