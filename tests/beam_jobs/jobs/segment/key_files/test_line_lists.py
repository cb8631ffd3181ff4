from array import array

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from beam_jobs.duplicates.line_keys import line_keys
from beam_jobs.jobs.segment.key_files.line_lists import LINE_KEY, LINE_RANGES, BatchLines, line_parts, lines_of
from tests.beam_jobs.jobs.segment.line_rounds.small_corpus import form_of

WORDS = st.sampled_from(["Ett", "to 2", "語", "...", "bla\u030a"])
DOCUMENTS = st.lists(st.lists(st.lists(WORDS, max_size=3), min_size=1, max_size=4), min_size=1, max_size=5)


def written(lines: list[list[str]]) -> bytes:
    return "".join(f"{sentence}\n" for line in lines for sentence in line).encode() + b"\n"


def key_of(line: list[str]) -> int:
    data = np.frombuffer("\n".join(line).replace("a\u030a", "å").encode(), np.uint8)
    return int(line_keys(data, np.array([len(data)])).keys[0])


@given(DOCUMENTS)
def test_the_lines_of_documents_are_found_in_their_bytes(documents):
    """A line is the sentences that it was cut into; an empty one is none."""
    texts = [written(lines) for lines in documents]
    ends = [array("Q", np.cumsum([len(line) for line in lines]).tolist()) for lines in documents]
    composed = b"".join(texts).decode().replace("a\u030a", "å").encode()
    found = lines_of(texts, ends, composed)
    full = [[line for line in lines if line] for lines in documents]
    assert found.counts.tolist() == list(map(len, full))
    lines = [line for of_document in full for line in of_document]
    assert found.table["sentences"].tolist() == list(map(len, lines))
    assert found.table["bytes"].tolist() == [len(written([line])) - 1 for line in lines]
    assert found.table["key"].tolist() == list(map(key_of, lines))
    assert found.words.tolist() == [len(form_of(line)) for line in lines]


def test_the_list_has_one_key_for_each_line_of_a_document_sorted_and_cut():
    texts = [written([["Ja."], ["Nei."], ["JA!"], ["***"]]), written([["ja"]])]
    lines = lines_of(texts, [array("Q", [1, 2, 3, 4]), array("Q", [1])], b"".join(texts))
    nothing = BatchLines(np.array([0]), lines.table[:0], lines.words[:0])
    sizes, data = line_parts([lines, nothing], np.array([7, 8, 9]))
    assert sizes == [*sizes[:LINE_RANGES], 3 * 4, 5 * 16, 3 * 4]
    assert sum(sizes) == sum(map(len, data))
    records = np.frombuffer(data[0], LINE_KEY)
    ja, nei = key_of(["ja"]), key_of(["nei"])
    assert sorted(records.tolist()) == sorted([(ja, 7, 0, 1), (ja, 8, 1, 1), (nei, 7, 0, 1)])
    assert np.frombuffer(data[-1], "<u4").tolist() == [2, 1, 0]
    ends = np.cumsum(sizes[:LINE_RANGES]) // LINE_KEY.itemsize
    assert [int(ends[key >> 56]) >= place + 1 for place, key in enumerate(records["key"].tolist())] == [True] * 3
    assert (records["key"][1:] >= records["key"][:-1]).all()


def test_no_documents():
    sizes, data = line_parts([lines_of([], [], b"")], np.empty(0, np.int64))
    assert sum(sizes) == sum(map(len, data)) == 0
