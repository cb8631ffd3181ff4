import numpy as np
import pytest

from beam_jobs.masking.replace_kernel import replace_pieces
from beam_jobs.masking.rules import KEPT_BELOW, MASK_BELOW, REPLACE_AT
from beam_jobs.records.counter_random import draw, path_key

MASK_ID, REPLACEMENTS = 99, [50, 51, 52]
PIECES = [1, 10, 11, 12, 13, 2]
GROUPS = [0, 2, 2, 0, 5, 0]  # a word at 1 and 2, and one at 4


def replace(seed, per_group):
    pieces, groups = np.array(PIECES, np.int32), np.array(GROUPS, np.int32)
    positions, originals = np.full(7, -1, np.int32), np.full(7, -1, np.int32)
    fates = np.array([100, 200, 300], np.int64)
    count = replace_pieces(
        pieces,
        len(PIECES),
        groups,
        mask_id=MASK_ID,
        per_group=per_group,
        replacements=np.array(REPLACEMENTS, np.int32),
        key=np.uint64(path_key(seed)),
        positions=positions,
        originals=originals,
        fates=fates,
    )
    assert not groups.any()
    assert positions[:count].tolist() == [1, 2, 4]
    assert originals[:count].tolist() == [10, 11, 13]
    return pieces.tolist(), (fates - [100, 200, 300]).tolist()


def bits(seed, position):
    """(the half that decides what becomes of a piece, the half that decides which random piece)"""
    whole = int(draw(np.uint64(path_key(seed)), REPLACE_AT + position))
    return whole >> 32, whole & 0xFFFFFFFF


@pytest.mark.parametrize("per_group", [False, True])
def test_each_half_of_a_draw_decides_one_thing(per_group):
    seen = set()
    for seed in range(200):
        expected, fates = list(PIECES), [0, 0, 0]
        for position, group in ((1, 1), (2, 1), (4, 4)):
            fate = bits(seed, group if per_group else position)[0]
            kind = 0 if fate < MASK_BELOW else 1 if fate < KEPT_BELOW else 2
            random_piece = REPLACEMENTS[bits(seed, position)[1] * 3 >> 32]
            expected[position] = [MASK_ID, PIECES[position], random_piece][kind]
            fates[kind] += 1
        seen |= set(expected)
        assert replace(seed, per_group) == (expected, fates)
    assert seen == {*PIECES, MASK_ID, *REPLACEMENTS}


def test_the_bounds_are_eight_and_nine_tenths():
    assert (MASK_BELOW, KEPT_BELOW) == (3_435_973_836, 3_865_470_566)
