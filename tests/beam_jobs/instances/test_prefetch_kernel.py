import numpy as np

from beam_jobs.instances.prefetch_kernel import prefetch_instances
from beam_jobs.instances.rows import PLANNED_INSTANCE


def test_nothing_is_read_behind_the_last_row_and_no_piece_needs_to_be_there():
    rows = np.zeros(40, PLANNED_INSTANCE)
    rows["a_length"], rows["b_start"], rows["b_length"] = 500, 10**12, 60_000  # an address that is nobody's
    order = np.arange(40)
    before = rows.copy()
    for n in range(40):
        prefetch_instances(rows, order, n, np.zeros(1, np.int32))
    assert (rows == before).all()
