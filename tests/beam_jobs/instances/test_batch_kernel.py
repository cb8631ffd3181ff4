import numpy as np
import pytest

from beam_jobs.instances.batch_kernel import Text, gather
from beam_jobs.instances.rows import PLANNED_INSTANCE

CLS, SEP = 100, 101
TEXT = Text(np.arange(20, dtype=np.int32), np.array([0, 6, 9, 20], np.int64), CLS, SEP, 102)


def gathered(**fields):
    rows = np.zeros(1, PLANNED_INSTANCE)
    for name, value in fields.items():
        rows[name] = value
    pieces = np.full(30, -1, np.int32)
    length = gather(rows[0], TEXT, pieces)
    assert (pieces[length:] == -1).all()
    return pieces[:length].tolist()


@pytest.mark.parametrize(
    ("row", "pieces"),
    [
        ({"a_start": 2, "a_length": 3, "b_start": 10, "b_length": 2}, [CLS, 2, 3, 4, SEP, 10, 11, SEP]),
        ({"a_start": 10, "a_length": 1, "b_start": 2, "b_length": 1}, [CLS, 10, SEP, 2, SEP]),
        ({"a_start": 2, "a_length": 3}, [CLS, 2, 3, 4, SEP]),
        # without a second segment, b_start is the document of the first piece, and [SEP] stands between documents
        ({"a_start": 4, "a_length": 4, "separators": 1}, [CLS, 4, 5, SEP, 6, 7, SEP]),
        ({"a_start": 5, "a_length": 5, "separators": 2}, [CLS, 5, SEP, 6, 7, 8, SEP, 9, SEP]),
        ({"a_start": 8, "a_length": 2, "b_start": 1, "separators": 1}, [CLS, 8, SEP, 9, SEP]),
    ],
)
def test_the_pieces_of_a_row(row, pieces):
    assert gathered(**row) == pieces
