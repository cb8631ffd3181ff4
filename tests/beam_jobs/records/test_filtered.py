import json

from beam_jobs.records import Filtered


def test_a_document_without_a_kept_one_has_no_place_of_it():
    line = Filtered("a.jsonl", 7, "language", "da", "id-1", 30).to_json_line()
    assert json.loads(line) == {
        "source": "a.jsonl",
        "offset": 7,
        "reason": "language",
        "detail": "da",
        "id": "id-1",
        "size": 30,
    }


def test_a_duplicate_names_the_document_that_is_kept():
    line = Filtered("å.jsonl", 7, "duplicate_near", "", "x", 30, "y", "b.jsonl", 0, 9).to_json_line()
    assert "å.jsonl" in line
    found = json.loads(line)
    assert (found["kept_id"], found["kept_source"], found["kept_offset"], found["shared_bands"]) == (
        "y",
        "b.jsonl",
        0,
        9,
    )


def test_a_contained_document_names_the_one_that_has_its_lines():
    found = json.loads(Filtered("a", 7, "contained", "", "x", 30, "y", "b.jsonl", 4).to_json_line())
    assert (found["kept_id"], found["kept_source"], found["kept_offset"]) == ("y", "b.jsonl", 4)
    assert "shared_bands" not in found
