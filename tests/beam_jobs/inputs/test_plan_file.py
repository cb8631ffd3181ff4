import json

from beam_jobs.inputs.plan_file import read_plan, write_plan
from beam_jobs.inputs.plan_ranges import InputItem, InputPiece

ITEMS = [
    InputItem(0, 10, (InputPiece("/in/å.txt", "å.txt", "å.txt", 0, -1, 10, "dev", 10, "v1"),)),
    InputItem(1, 0, ()),
    InputItem(2, 7, (InputPiece("/in/b", "b", "b", 3, 6, 3), InputPiece("/in/c", "c", "c", 0, -1, 4))),
]


def test_every_item_is_read_from_its_own_place(tmp_path):
    places = write_plan(ITEMS, str(tmp_path), "segment")
    assert [index for index, _, _ in places] == [0, 1, 2]
    assert [read_plan(place, str(tmp_path)) for place in reversed(places)] == ITEMS[::-1]
    data = (tmp_path / "_work" / "plan.jsonl").read_bytes()
    assert [json.loads(data[at : at + length])["index"] for _, at, length in places] == [0, 1, 2]
    assert places[-1][1] + places[-1][2] == len(data)


def test_the_step_is_announced_with_its_items_and_bytes(tmp_path):
    write_plan(ITEMS, str(tmp_path), "segment")
    (announced,) = (tmp_path / "_work" / "progress").iterdir()
    assert announced.name == "segment.total"
    assert json.loads(announced.read_text()) == {"unit": "ranges", "items": 3, "bytes": 17}
