import numpy as np

from beam_jobs.instances.rows import ROW


def test_a_row_takes_24_bytes():
    assert ROW.itemsize == 24
    assert {name: (ROW[name], ROW.fields[name][1]) for name in ROW.names} == {
        "a_start": (np.int64, 0),
        "b_start": (np.int64, 8),
        "a_length": (np.uint16, 16),
        "b_length": (np.uint16, 18),
        "separators": (np.uint16, 20),
        "label": (np.uint8, 22),
        "truncated": (np.uint8, 23),
    }
