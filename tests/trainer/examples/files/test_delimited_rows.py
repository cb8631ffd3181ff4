import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beam_jobs.errors import UserError
from trainer.examples.files import delimited_rows
from trainer.examples.files.delimited_rows import read_delimited
from trainer.examples.files.lines import Lines


def test_tsv_cells_keep_their_quotation_marks(write):
    table = read_delimited(write("a.tsv", 'text\tlabel\n"Fin\tpos\r\n\nfilm"\tneg\n'), tabs=True)
    assert table.columns == ("text", "label")
    assert table.rows == [(2, {"text": '"Fin', "label": "pos"}), (4, {"text": 'film"', "label": "neg"})]
    assert table.remarks[0].endswith("passed over 1 blank line")


def test_csv_cells_may_hold_newlines_and_a_row_is_named_by_its_first_line(write):
    table = read_delimited(write("a.csv", 'text,label\n"a ""b""\n,c",1\nd,2\n'), tabs=False)
    assert table.rows == [(2, {"text": 'a "b"\n,c', "label": "1"}), (4, {"text": "d", "label": "2"})]


def test_semicolons_of_spreadsheets_are_understood_and_told(write):
    table = read_delimited(write("a.csv", "\ufefftext;label\na, b;1\n"), tabs=False)
    assert table.rows == [(2, {"text": "a, b", "label": "1"})]
    assert [remark.split(": ")[1] for remark in table.remarks] == [
        "dropped a byte order mark at the start of line 1",
        "is separated by semicolons, by its header",
    ]


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.tsv", "text\tlabel\na\n", r"a\.tsv:2: has 1 cell, but the header names 2 columns; quotation"),
        ("a.csv", "text,label\na,b,c\n", r"a\.csv:2: has 3 cells"),
        ("a.csv", 'text,label\na,1\n"b,1\nc,2\n', r"a\.csv:3: the row that begins here is not CSV"),
        ("a.tsv", "text\tlabel\na\t1\ntext\tlabel\n", r"a\.tsv:3: repeats the header"),
        ("a.tsv", "text\ttext\na\t1\n", r"a\.tsv:1: names the column 'text' twice"),
        ("a.tsv", "text,label\na,1\n", r"a\.tsv:1: the header has commas and no tabs"),
        ("a.tsv", "text\tlabel\n", "has a header and no rows"),
    ],
)
def test_what_is_no_table_is_refused(write, name, content, why):
    with pytest.raises(UserError, match=why):
        read_delimited(write(name, content), tabs=name == "a.tsv")


@given(
    st.lists(st.tuples(*[st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0"))] * 2), min_size=1)
)
def test_what_python_writes_as_csv_is_read_back(cells):
    stream = io.StringIO()
    writer = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows([("one", "two"), *cells])
    lines = Lines(stream.getvalue().removesuffix("\n").split("\n"), ())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited_rows, "read_lines", lambda uri: lines)
        table = read_delimited("a.csv", tabs=False)
    assert [tuple(row.values()) for _, row in table.rows] == cells
