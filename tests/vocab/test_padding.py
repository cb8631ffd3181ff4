import pytest

from vocab.padding import fits, is_padded


@pytest.mark.parametrize("rows", [30_528, 30_592, 30_720])
def test_the_published_vocabulary_padded(rows):
    assert is_padded(30_522, rows)
    assert fits(30_522, rows)


@pytest.mark.parametrize("rows", [30_521, 30_522, 30_523, 30_524, 30_536, 31_000, 0])
def test_other_sizes_are_no_padding(rows):
    assert not is_padded(30_522, rows)
    assert fits(30_522, rows) == (rows == 30_522)


@pytest.mark.parametrize("pieces", [8, 64, 30_528, 32_000])
def test_as_many_rows_as_pieces_are_no_padding(pieces):
    assert not is_padded(pieces, pieces)
    assert fits(pieces, pieces)
