from beam_jobs.inputs.plan_ranges import InputItem, InputPiece
from beam_jobs.jobs.segment.source_counts import SourceCounts


def item(*sources):
    pieces = tuple(InputPiece(uri=f"/{name}", name=name, source=name, start=0, end=-1, size=10) for name in sources)
    return InputItem(0, 20, pieces)


def test_kept_and_filtered_documents_of_each_source():
    counts = SourceCounts()
    counts.add("a", "train", ["en", "to"], 8)
    counts.add_filtered("b", "language", 40)
    counts.add_filtered("b", "language", 2)
    counts.add_of_filter({"languages": {"nb": {"da": 1}}})
    counts.add_of_filter({"languages": {"nb": {"da": 2, "nb": 1}}})
    row = counts.to_row(item("a", "b"))
    assert row["splits"] == {"train": {"num_documents": 1, "num_sentences": 2}}
    assert (row["filtered"], row["filtered_bytes"]) == ({"language": 2}, {"language": 42})
    assert row["languages"] == {"nb": {"da": 3, "nb": 1}}
    assert [row["sources"][name]["filtered"] for name in "ab"] == [0, 2]


def test_without_filters_a_source_has_no_entry_for_them():
    row = SourceCounts().to_row(item("a"))
    assert "filtered" not in row["sources"]["a"]
    assert row["filtered"] == {}
