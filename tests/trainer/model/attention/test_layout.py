import pytest

from trainer.model.attention.layout import Layout, kernel_takes


def layout(platform="tpu", **changes):
    return Layout(**{"batch": 12, "length": 128, "heads": 12, "size": 64, "rate": 0.1, "platform": platform, **changes})


@pytest.mark.parametrize("length", [8, 40, 128, 200, 512, 513])
@pytest.mark.parametrize("platform", ["tpu", "gpu"])
def test_blocks_cover_a_row_with_less_than_a_block_over(platform, length):
    found = layout(platform, length=length)
    assert 0 <= found.padded_length - length < found.block


def test_the_lengths_of_pretraining_need_no_padding():
    assert all(layout(p, length=n).padded_length == n for p in ("tpu", "gpu") for n in (64, 128, 256, 512))


def test_a_lane_tile_of_a_tpu_holds_whole_heads():
    assert (layout().tpu_lanes, layout(size=128).tpu_lanes, layout(size=256).tpu_lanes) == (128, 128, 256)


@pytest.mark.parametrize(("batch", "rows"), [(64, 8), (12, 6), (115, 5), (7, 7), (23, 1)])
def test_the_rows_of_a_program_divide_the_batch(batch, rows):
    assert layout(batch=batch).tpu_rows == rows


def test_hashes_are_kept_while_they_are_small():
    assert layout(length=512).tpu_keeps_hashes
    assert not layout(length=1024).tpu_keeps_hashes
    assert not layout(rate=0.0).tpu_keeps_hashes


def test_which_heads_the_kernels_take():
    assert all(kernel_takes(p, 12, 64) and kernel_takes(p, 16, 64) and kernel_takes(p, 8, 128) for p in ("tpu", "gpu"))
    assert not kernel_takes("tpu", 1, 64)  # half a lane tile
    assert not kernel_takes("gpu", 12, 20)
    assert not kernel_takes("cpu", 12, 64)
