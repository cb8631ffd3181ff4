"""Tables of text as csv, pandas-like tools and hands write them: a row is a document, and no row is lost."""

import csv
import io

import pytest

from beam_jobs.errors import UserError


def _table(rows, **options) -> bytes:
    file = io.StringIO(newline="")
    csv.writer(file, **options).writerows(rows)
    return file.getvalue().encode()


ROWS = [
    ["id", "lang", "text", "more"],
    ["a", "nb", "Han sa: «Nei, takk».", "1"],
    ["b", "en", 'She said "no",\r\nand left.\n\nThen; again.', ""],
    ["", "nn", "Ei rad utan id.", "x"],
]


@pytest.mark.parametrize("options", [{}, {"delimiter": ";"}, {"delimiter": "\t"}, {"quoting": csv.QUOTE_ALL}])
@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_what_csv_writes_is_read(write_file, read, options, start) -> None:
    path = write_file(start.encode() + _table(ROWS, **options), "a.csv")
    documents, rejections, faults = read(path)
    assert rejections == []
    assert [(d.id, d.language, d.text, d.offset) for d in documents] == [
        ("a", "nb", ROWS[1][2], 0),
        ("b", "en", ROWS[2][2], 1),
        ("a.csv:2", "nn", ROWS[3][2], 2),
    ]
    assert faults.bytes_read == path.stat().st_size


@pytest.mark.parametrize("ending", [".gz", ".bz2", ".zst"])
def test_compressed(write_file, read, compressors, ending) -> None:
    rows = [["text"], *([f'Rad {i}, "med" tegn.\nOg en linje til.'] for i in range(3000))]
    documents, rejections, _ = read(write_file(compressors[ending](_table(rows)), f"a.csv{ending}"))
    assert rejections == []
    assert [[d.text] for d in documents] == rows[1:]


def test_other_names_of_columns(write_file, read) -> None:
    path = write_file(_table([["nr", "language", "body", "code"], ["7", "nb", "Tekst.", "x = 1"]]), "a.csv")
    (document,), _, _ = read(path, id_field="nr", language_field="language", text_field="body", pair_field="code")
    assert (document.id, document.language, document.text, document.pair) == ("7", "nb", "Tekst.", "x = 1")


def test_tab_separated_values_have_no_quotation_marks(write_file, read) -> None:
    path = write_file(b'id\ttext\n1\t"Ja" sa hun.\n2\t"uten slutt\n\n3\tLinje\tto\n4\tSlutt', "a.tsv")
    documents, (rejected,), faults = read(path)
    assert [(d.id, d.text, d.offset) for d in documents] == [
        ("1", '"Ja" sa hun.', 0),
        ("2", '"uten slutt', 1),
        ("4", "Slutt", 3),
    ]
    assert (rejected.reason, rejected.offset, rejected.size) == ("broken_row", 2, len("3\tLinje\tto\n"))
    assert "3 cells, but the header names 2" in rejected.detail
    assert faults.bytes_read == path.stat().st_size


def test_rows_that_are_broken_are_set_aside_and_the_next_are_read(write_file, read) -> None:
    data = b'id,text\n1,en\n2,"to"x\n3\n4,fire,fem\n5,\n6,seks\n7,"uten slutt\n8,etter\n'
    documents, rejections, faults = read(write_file(data, "a.csv"))
    assert [d.id for d in documents] == ["1", "6"]
    assert [(r.reason, r.offset) for r in rejections] == [
        ("broken_row", 1),
        ("broken_row", 2),
        ("broken_row", 3),
        ("empty", 4),
        ("broken_row", 6),
    ]
    assert rejections[-1].size == len(b'7,"uten slutt\n8,etter\n')
    assert faults.bytes_read == len(data)


def test_other_encodings(write_file, read) -> None:
    table = "id,text\n1,blåbær\n"
    (document,), rejections, _ = read(write_file(table.encode("utf-16"), "a.csv"))
    assert (document.text, rejections) == ("blåbær", [])
    documents, (rejected,), _ = read(write_file(table.replace("blåbær", "blåbær på tå").encode("latin-1"), "b.csv"))
    assert documents == []
    assert (rejected.reason, rejected.offset) == ("invalid_utf8", 0)


@pytest.mark.parametrize("data", [b"text\n", b"\n", b"", b"id,text\r\n\r\n"])
def test_a_table_without_rows(write_file, read, data) -> None:
    documents, (rejected,), _ = read(write_file(data, "a.csv"))
    assert (documents, rejected.reason) == ([], "empty_file")


@pytest.mark.parametrize(
    ("header", "problem"),
    [
        ("id,tekst", r"has no column text; its first line names id, tekst: name the right one by --text_field"),
        ("text,id,text", "has 2 columns text; name another by --text_field"),
        ('id,"text', "its first line does not name columns"),
    ],
)
def test_a_header_that_does_not_fit(write_file, read, header, problem) -> None:
    with pytest.raises(UserError, match=problem):
        read(write_file(f"{header}\n1,2\n".encode(), "a.csv"))
