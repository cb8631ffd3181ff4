"""Word tables with more rows than the vocabulary has pieces.

Some trainers pad the number of rows to a multiple of 8, 64 or 128 for the hardware: 30,528 rows for 30,522 pieces. The
additional rows belong to no piece. Training and exports keep them. No record holds their ids, so training makes them
ever less likely, and `fill_mask` never proposes them.
"""

_MULTIPLES = tuple(2**n for n in range(3, 11))


def is_padded(pieces: int, rows: int) -> bool:
    """Whether `rows` is more than `pieces`, and `pieces` rounded up to a multiple of 8, 16, ... or 1,024."""
    return rows > pieces and any(-(-pieces // multiple) * multiple == rows for multiple in _MULTIPLES)


def fits(pieces: int, rows: int) -> bool:
    """Whether a word table with `rows` rows fits a vocabulary of `pieces` pieces, padded or not."""
    return rows == pieces or is_padded(pieces, rows)
