import io
import tarfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from beam_jobs.errors import UserError


def archive(**members):
    """A tar file of members by name, `/` spelt `__`."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        for name, data in members.items():
            info = tarfile.TarInfo(name.replace("__", "/").replace("DOT", "."))
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return stream.getvalue()


@pytest.fixture
def tar(write_file):
    return lambda data, name="a.tar": write_file(data, name)


@pytest.mark.parametrize(
    ("name", "ending"),
    [("a.tar", ""), ("a.tar.gz", ".gz"), ("a.tar.zst", ".zst"), ("a.tar.bz2", ".bz2"), ("a.tgz", ".gz")],
)
def test_members_are_read_as_files_are(tar, read, compressors, json_line, name, ending):
    table = io.BytesIO()
    pq.write_table(pa.table({"text": ["Fire."]}), table)
    data = archive(
        aDOTtxt=b"En.",
        d__bDOTjsonlDOTgz=compressors[".gz"](json_line(text="To.", id="x") + json_line(text="Tre.")),
        cDOTparquet=table.getvalue(),
        imageDOTpng=b"\x89PNG",
        __DOThidden__eDOTtxt=b"Nei.",
        DOTNETDOTtxt=b"Seks.",
        DOT_aDOTtxt=b"Nei.",
        wiki_00=b'<doc id="7" url="u" title="t">\nFem.\n</doc>\n',
    )
    documents, rejections, faults = read(tar(compressors[ending](data), name))
    assert rejections == []
    assert [d.text.strip() for d in documents] == ["En.", "To.", "Tre.", "Fire.", "Seks.", "Fem."]
    ids = [f"{name}/a.txt", "x", documents[2].id, f"{name}/c.parquet:0", f"{name}/.NET.txt", "7"]
    assert [d.id for d in documents] == ids
    assert documents[1].source == f"{name}/d/b.jsonl.gz"
    assert faults.noted == {"files of other kinds in the archive, passed over"}
    assert faults.source == name


def test_folders_in_the_archive_are_splits(tar, read):
    documents, _, _ = read(tar(archive(train__aDOTtxt=b"En.", x__valid__bDOTtxt=b"To.", cDOTtxt=b"Tre.")))
    assert [(d.text, d.split) for d in documents] == [("En.", "train"), ("To.", "dev"), ("Tre.", "")]


def test_what_is_wrong_in_a_member_is_told_of_the_member(tar, read):
    documents, rejections, _ = read(
        tar(archive(aDOTjsonl=b"broken\n", bDOTtxt=b"", cDOTtxtDOTgz=b"\0\1\2", dDOTjsonl=b"\n\n", eDOTtxt=b"Bra."))
    )
    assert [d.text for d in documents] == ["Bra."]
    assert [(r.source, r.reason) for r in rejections] == [
        ("a.tar/a.jsonl", "broken_json"),
        ("a.tar/b.txt", "empty_file"),
        ("a.tar/c.txt.gz", "damaged_file"),
        ("a.tar/d.jsonl", "empty_file"),
    ]


def test_a_setting_that_does_not_fit_a_member_names_it(tar, read):
    table = io.BytesIO()
    pq.write_table(pa.table({"body": ["En."]}), table)
    with pytest.raises(UserError, match=r"a.tar/x.parquet has no column text; name one of body"):
        read(tar(archive(xDOTparquet=table.getvalue())))


@pytest.mark.parametrize("cut", [10_000, 12_300, 20_481, 40_000])
@pytest.mark.parametrize("ending", ["", ".gz"])
def test_a_broken_archive_keeps_what_stands_before(tar, read, compressors, cut, ending):
    data = archive(**{f"f{i:02}DOTtxt": b"x" * 900 for i in range(40)})
    documents, rejections, _ = read(tar(compressors[ending](data[:cut]), f"a.tar{ending}"))
    assert len(documents) in (cut // 1536, cut // 1536 - 1)
    assert [(r.source, r.reason) for r in rejections] == [(f"a.tar{ending}", "damaged_file")]


def test_what_is_no_archive(tar, read):
    for data in (b"no tar" * 500, b"short"):
        documents, rejections, _ = read(tar(data))
        assert documents == []
        assert [r.reason for r in rejections] == ["damaged_file"]
