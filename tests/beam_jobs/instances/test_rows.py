import numpy as np

from beam_jobs.instances.rows import PLANNED_INSTANCE


def test_a_row_takes_24_bytes():
    assert PLANNED_INSTANCE.itemsize == 24
    assert {name: (PLANNED_INSTANCE[name], PLANNED_INSTANCE.fields[name][1]) for name in PLANNED_INSTANCE.names} == {
        "a_start": (np.int64, 0),
        "b_start": (np.int64, 8),
        "a_length": (np.uint16, 16),
        "b_length": (np.uint16, 18),
        "separators": (np.uint16, 20),
        "label": (np.uint8, 22),
        "truncated": (np.uint8, 23),
    }
