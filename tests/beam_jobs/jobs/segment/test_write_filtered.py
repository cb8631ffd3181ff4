import json

from beam_jobs import storage
from beam_jobs.jobs.segment.job import SegmentJob
from beam_jobs.jobs.segment.write_filtered import plan_filtered, write_filtered
from beam_jobs.settings import SegmentSettings


def rows(output, reasons):
    """Rows of ranges whose filtered documents have these reasons, one string of letters a range."""
    made = []
    for index, letters in enumerate(reasons):
        lines = b"".join(json.dumps({"n": f"{index}.{i}", "reason": r}).encode() + b"\n" for i, r in enumerate(letters))
        name = f"_work/filtered/{index:06d}.jsonl" if letters else ""
        if letters:
            storage.write_atomically(storage.join(output, name), lines)
        counts = {letter: letters.count(letter) for letter in letters}
        made.append(
            {
                "index": index,
                "filtered": name,
                "filtered_file": [len(lines), str(index)],
                "counts": {"filtered": counts},
            }
        )
    return made


def job_in(output):
    return SegmentJob(SegmentSettings(input=("in",), output=str(output)), str(output), "0" * 16, 0.0)


def read(output):
    return {
        path.name: [json.loads(line)["n"] for line in path.read_text().splitlines()]
        for path in (output / "filtered").iterdir()
    }


def test_a_file_for_each_reason_in_the_order_of_the_input(tmp_path):
    ranges = rows(str(tmp_path), ["ab", "", "aa"])
    groups = plan_filtered(ranges[::-1], job_in(tmp_path))
    (row,) = [write_filtered(group, job_in(tmp_path)) for group in groups]
    assert read(tmp_path) == {"a-00000-of-00001.jsonl": ["0.0", "2.0", "2.1"], "b-00000-of-00001.jsonl": ["0.1"]}
    assert row["documents"] == {"a": 3, "b": 1}
    path = tmp_path / "filtered/b-00000-of-00001.jsonl"
    path.write_bytes(b"damaged")
    write_filtered(groups[0], job_in(tmp_path))
    assert read(tmp_path)["b-00000-of-00001.jsonl"] == ["0.1"]


def test_many_ranges_are_gathered_in_several_calls(tmp_path):
    ranges = rows(str(tmp_path), ["a", "ab", "a", "b"])
    groups = plan_filtered(ranges, job_in(tmp_path), group_bytes=40)
    assert [group.sources[-1][-7] for group in groups] == ["1", "3"]
    for group in groups[::-1]:
        write_filtered(group, job_in(tmp_path))
    assert read(tmp_path) == {
        "a-00000-of-00002.jsonl": ["0.0", "1.0"],
        "a-00001-of-00002.jsonl": ["2.0"],
        "b-00000-of-00002.jsonl": ["1.1"],
        "b-00001-of-00002.jsonl": ["3.0"],
    }


def test_nothing_was_filtered(tmp_path):
    assert plan_filtered(rows(str(tmp_path), ["", ""]), job_in(tmp_path)) == []
