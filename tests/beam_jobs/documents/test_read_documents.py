import gzip
import io
import tarfile

import pytest

from beam_jobs.documents.read_documents import read_documents
from beam_jobs.errors import UserError
from beam_jobs.faults.source_faults import SourceFaults
from beam_jobs.inputs.plan_ranges import InputPiece
from beam_jobs.settings import SegmentSettings


def told(rejections):
    return [(r.source, r.offset, r.reason, r.size) for r in rejections]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.jsonl", b'{"text": "en"}\n{"text": "to"}\n'),
        ("a.json", b'[{"text": "en"}, {"text": "to"}]'),
        ("a.txt", b"en\nto"),
        ("a.jsonl.gz", gzip.compress(b'{"text": "en"}\n{"text": "to"}\n', mtime=0)),
        ("wiki_07", b'<doc id="1" title="t">\nen\n</doc>\n<doc id="2" title="u">\nto\n</doc>\n'),
    ],
)
def test_the_name_says_how_a_file_is_read(tmp_path, read, name, data):
    (tmp_path / name).write_bytes(data)
    documents, rejections, _ = read(tmp_path / name, documents_are="lines")
    assert [document.text.split()[-1] for document in documents] == ["en", "to"]
    assert rejections == []


def test_blank_documents_and_nuls_are_set_aside(tmp_path, read):
    path = tmp_path / "a.jsonl"
    path.write_bytes(
        b'{"text": " \\n"}\n{"text": "en"}\n{"text": ""}\n{"text": "\\u0000\\u0000\\u0000\\u0000\\u0000a"}\n'
    )
    documents, rejections, _ = read(path)
    assert [document.text for document in documents] == ["en"]
    assert told(rejections) == [
        ("a.jsonl", 0, "empty", 16),
        ("a.jsonl", 31, "empty", 13),
        ("a.jsonl", 44, "not_text", 44),
    ]


def test_a_file_without_bytes_or_without_documents(tmp_path, read):
    (tmp_path / "none.jsonl").touch()
    (tmp_path / "blank.jsonl").write_bytes(b"\n \n\n")
    assert told(read(tmp_path / "none.jsonl")[1]) == [("none.jsonl", 0, "empty_file", 0)]
    assert told(read(tmp_path / "blank.jsonl")[1]) == [("blank.jsonl", 0, "empty_file", 4)]


def test_the_first_range_of_a_blank_file_speaks_for_all(tmp_path, read):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\n" * 10)
    whole = path.stat().st_size
    piece = InputPiece(str(path), path.name, path.name, 0, 4, 4)
    rejections = []
    assert not list(read_documents(piece, SegmentSettings(), SourceFaults(path.name, rejections.append)))
    assert told(rejections) == [("a.jsonl", 0, "empty_file", whole)]
    assert told(read(path, 4, 10)[1]) == []
    path.write_bytes(b"\n" * 9 + b'{"text": "en"}\n')
    assert told(read(path, 0, 4)[1]) == [], "there is a document behind the range"


def test_the_partition_of_a_file_names_the_language(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"text": "en"}\n{"text": "to", "lang": "sv"}\n')
    piece = InputPiece(str(path), "lang=nb/a.jsonl", "a", 0, -1, path.stat().st_size)

    def languages(**settings):
        faults = SourceFaults("a", lambda rejection: None)
        return [document.language for document in read_documents(piece, SegmentSettings(**settings), faults)]

    assert languages() == ["nb", "sv"]
    assert languages(language="da") == ["da", "da"]
    assert languages(language_field="l") == ["", ""]


def test_a_damaged_file_keeps_what_stands_before(tmp_path, read):
    path = tmp_path / "a.jsonl.gz"
    whole = gzip.compress(b"".join(b'{"text": "%d"}\n' % i for i in range(50_000)))
    path.write_bytes(whole[: len(whole) // 2])
    documents, rejections, faults = read(path)
    assert 10_000 < len(documents) < 40_000
    assert [r.reason for r in rejections] == ["damaged_file"]
    assert rejections[0].offset == documents[-1].offset
    assert faults.rejected_bytes["damaged_file"] == rejections[0].size > 100_000


def test_members_of_an_archive_are_read_under_its_name(tmp_path, read):
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w") as archive:
        for name, data in (("x.txt", b"en"), ("y.jsonl", b'{"text": "to"}\n{'), ("z.txt", b"")):
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    documents, rejections, faults = read(path)
    assert [(d.source, d.text) for d in documents] == [("a.tar/x.txt", "en"), ("a.tar/y.jsonl", "to")]
    assert [(r.source, r.reason) for r in rejections] == [
        ("a.tar/y.jsonl", "broken_json"),
        ("a.tar/z.txt", "empty_file"),
    ]
    assert faults.source == "a.tar"


def test_a_file_that_has_changed_since_it_was_listed_is_an_error(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("en")
    piece = InputPiece(str(path), "a.txt", "a.txt", 0, -1, 2, file_size=3)
    with pytest.raises(UserError, match=r"a\.txt"):
        list(read_documents(piece, SegmentSettings(), SourceFaults("a.txt", lambda rejection: None)))
