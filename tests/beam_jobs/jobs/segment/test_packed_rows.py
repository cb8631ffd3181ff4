"""Rows of ranges travel packed: in order, as often as they are asked for, and in a tenth of the memory."""

import tracemalloc

from beam_jobs.jobs.segment.packed_rows import RowsInOrder, pack_row


def row(index):
    return {
        "index": index,
        "text": f"_work/texts/{index:06d}.txt",
        "rejections": "",
        "blocks": [{"split": "train", "offset": part * 1000 + index, "bytes": 10**6 + index} for part in range(4)],
        "counts": {"sources": {f"crawl-{index}": {"documents": index, "bytes_in": 10**6 + index}}, "bytes_read": index},
    }


def test_rows_come_back_in_the_order_of_the_plan_without_what_only_their_item_needs():
    of_item = {"wrote": {"a": [1, ""]}, "made_from": "0123", "progress": {"bytes": 1}}
    packed = [pack_row({**row(index), **of_item}) for index in (2, 0, 1)]
    rows = RowsInOrder(packed)
    assert list(rows) == [row(0), row(1), row(2)]
    assert list(rows) == [row(0), row(1), row(2)]  # a second time


def test_rows_that_are_not_packed_are_taken_as_they_are():
    assert list(RowsInOrder([row(1), pack_row(row(0))])) == [row(0), row(1)]


def test_one_row_is_decoded_at_a_time():
    packed = [pack_row(row(index)) for index in reversed(range(2000))]
    tracemalloc.start()
    try:
        decoded = list(RowsInOrder(packed))
        all_at_once = tracemalloc.get_traced_memory()[1]
        del decoded
        tracemalloc.reset_peak()
        assert sum(found["index"] for found in RowsInOrder(packed)) == sum(range(2000))
        one_by_one = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert one_by_one < all_at_once / 10


def test_a_failed_item_has_no_row():
    assert pack_row(None) is None
