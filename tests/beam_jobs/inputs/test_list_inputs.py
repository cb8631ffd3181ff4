import logging
import os

import pytest

from beam_jobs.errors import UserError
from beam_jobs.inputs.list_inputs import list_inputs

ENDINGS = (".jsonl", ".txt")


@pytest.fixture
def tree(tmp_path):
    """A folder with these files, of their name's length in bytes."""

    def make(*names):
        for name in names:
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(name)
        return str(tmp_path)

    return make


def names(patterns, endings=ENDINGS):
    return [file.name for file in list_inputs(patterns, endings)]


def test_a_folder_is_all_files_below_it(tree):
    root = tree("b.txt", "a/c.jsonl.gz", "a/d/e.txt.zst", "a/F.TXT.BZ2")
    found = list_inputs([root], ENDINGS)
    assert [file.name for file in found] == ["a/F.TXT.BZ2", "a/c.jsonl.gz", "a/d/e.txt.zst", "b.txt"]
    assert [file.size for file in found] == [len(file.name) for file in found]
    assert names([root + "/"]) == names([root])


def test_globs(tree):
    root = tree("top.txt", "a/x1.txt", "a/x2.txt", "b/x1.txt", "b/deep/x3.txt", "b/y.txt")
    assert names([f"{root}/*/x?.txt"]) == ["a/x1.txt", "a/x2.txt", "b/x1.txt"]
    assert names([f"{root}/**/*.txt"]) == ["a/x1.txt", "a/x2.txt", "b/deep/x3.txt", "b/x1.txt", "b/y.txt", "top.txt"]
    assert names([f"{root}/a/x[12].txt"]) == ["x1.txt", "x2.txt"]
    assert names([f"{root}/*"]) == ["a/x1.txt", "a/x2.txt", "b/deep/x3.txt", "b/x1.txt", "b/y.txt", "top.txt"]


def test_a_file_is_listed_once_and_the_order_of_patterns_does_not_matter(tree):
    root = tree("a/x.txt", "a/y.txt")
    assert names([f"{root}/a/y.txt", f"{root}/a"]) == names([f"{root}/a", f"{root}/a/y.txt"]) == ["x.txt", "y.txt"]


def test_a_name_with_wildcards_in_it_is_a_file(tree):
    root = tree("odd[1].txt", "odd1.txt")
    assert names([f"{root}/odd[1].txt"]) == ["odd[1].txt"]


def test_names_do_not_depend_on_where_the_corpus_lies(tree, tmp_path, monkeypatch):
    root = tree("here/corpus/a/x.txt", "there/corpus/a/x.txt")
    first, second = (list_inputs([f"{root}/{place}/corpus"], ENDINGS) for place in ("here", "there"))
    assert [f.name for f in first] == [f.name for f in second] == ["a/x.txt"]
    monkeypatch.chdir(tmp_path)
    assert list_inputs(["here/corpus"], ENDINGS) == first


def test_the_folder_of_a_split_stays_in_the_name(tree):
    root = tree("train/a.txt", "dev/a.txt", "test/x/a.txt")
    assert names([f"{root}/train", f"{root}/dev/*.txt", f"{root}/test"]) == ["dev/a.txt", "test/x/a.txt", "train/a.txt"]
    assert names([f"{root}/dev/a.txt"]) == ["dev/a.txt"]


def test_files_of_the_same_name_are_told_apart(tree):
    root = tree("a/x.txt", "b/x.txt", "b/y.txt")
    assert names([f"{root}/a", f"{root}/b"]) == ["a/x.txt", "b/x.txt", "y.txt"]
    root = tree("a/in/x.txt", "b/in/x.txt")
    assert names([f"{root}/a/in", f"{root}/b/in"]) == ["a/in/x.txt", "b/in/x.txt"]


def test_hidden_folders_are_passed_over_aloud_and_hidden_files_read(tree, caplog):
    root = tree("a.txt", "_work/b.txt", ".git/c.txt", "d/_old/e.txt", "d/.hidden.txt", "_one.txt")
    assert names([root]) == names([f"{root}/**/*.txt"]) == ["_one.txt", "a.txt", "d/.hidden.txt"]
    for record in caplog.records:
        assert record.message.startswith("2 files in folders whose names begin with . or _ passed over")
        assert record.message.endswith("(_work/b.txt, d/_old/e.txt)")
    assert len(caplog.records) == 2
    assert names([f"{root}/_work/*.txt"]) == ["b.txt"]
    assert names([f"{root}/d/_*/*.txt"]) == ["_old/e.txt"]
    caplog.clear()
    assert names([root, f"{root}/_work", f"{root}/d/_old"]) == ["_one.txt", "a.txt", "b.txt", "d/.hidden.txt", "e.txt"]
    assert not caplog.records


def test_markers_are_passed_over_in_silence(tree, caplog):
    markers = ["_SUCCESS", "d/_metadata", ".a.txt.crc", "._a.txt", ".DS_Store", "__MACOSX/d/._x.txt", ".git/config"]
    root = tree("a.txt", *markers)
    assert names([root]) == names([root], ("",)) == ["a.txt"]
    assert not caplog.records
    assert names([f"{root}/._a.txt"]) == ["._a.txt"]


def test_special_files_are_named(tree, tmp_path, caplog):
    root = tree("a.txt")
    os.mkfifo(tmp_path / "b.txt")
    assert names([root]) == ["a.txt"]
    assert "1 file passed over, not regular (b.txt, a pipe)" in caplog.text
    with pytest.raises(UserError, match=r"b.txt is a pipe, no regular file; .* save it as a file first"):
        list_inputs([f"{root}/b.txt"], ENDINGS)


def test_names_that_are_not_utf8_are_spelt_out(tmp_path):
    for i, folder in enumerate((b"a", b"b")):
        (tmp_path / folder.decode()).mkdir()
        with open(os.path.join(os.fsencode(tmp_path), folder, b"caf\xe9.txt"), "wb") as file:  # noqa: PTH118, PTH123
            file.write(bytes(i + 1))
    found = list_inputs([str(tmp_path / "a"), str(tmp_path / "b")], ENDINGS)
    assert [(file.name, file.size) for file in found] == [("a/caf\\xe9.txt", 1), ("b/caf\\xe9.txt", 2)]
    assert all(os.path.exists(file.uri) for file in found)  # noqa: PTH110


def test_other_files_in_a_folder_are_passed_over_aloud(tree, caplog):
    root = tree("a.txt", "README.md", "table.csv")
    with caplog.at_level(logging.WARNING):
        assert names([root]) == ["a.txt"]
    assert "2 files of other kinds passed over (README.md, table.csv)" in caplog.text
    assert len(names([root], ("",))) == 3


def test_links_are_followed_but_not_in_circles(tree, tmp_path):
    root = tree("a/x.txt")
    (tmp_path / "a/up").symlink_to(tmp_path)
    (tmp_path / "link.txt").symlink_to(tmp_path / "a/x.txt")
    (tmp_path / "0").symlink_to("a")
    for folder in ("", "/a/up", "/0/up"):
        assert names([root + folder]) == ["a/x.txt"]
    assert names([f"{root}/0"]) == ["x.txt"]
    assert names([f"{root}/link.txt", f"{root}/a/x.txt"]) == ["x.txt"]


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("missing", r"--input .*/missing matches no file; check the path \(known are .jsonl, .txt"),
        ("*.jsonl", r"--input .*/\*.jsonl matches no file"),
        ("empty", r"--input .*/empty matches no file"),
        ("table.csv", r"cannot read table.csv; known are .jsonl, .txt, each plain or .gz, .bz2, .zst"),
        ("tables", r"cannot read t.csv; known"),
    ],
)
def test_nothing_to_read_is_an_error_that_names_the_pattern(tree, tmp_path, pattern, message):
    root = tree("a.txt", "table.csv", "tables/t.csv")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match=message):
        list_inputs([f"{root}/a.txt", f"{root}/{pattern}"], ENDINGS)


def test_a_store_that_cannot_be_reached_is_one_line():
    with pytest.raises(UserError, match=r"--input nowhere://bucket/x cannot be listed: .*; check the path"):
        list_inputs(["nowhere://bucket/x"], ENDINGS)


def test_a_folder_that_may_not_be_read_is_not_passed_over(tree, tmp_path, monkeypatch):
    root = tree("a.txt", "closed/b.txt")
    scandir = os.scandir

    def guarded(path):
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", guarded)
    with pytest.raises(UserError, match=r"cannot be listed: .*Permission denied: .*closed"):
        list_inputs([root], ENDINGS)


def test_a_dangling_link_is_not_passed_over(tree, tmp_path):
    root = tree("a.txt")
    (tmp_path / "b.txt").symlink_to(tmp_path / "gone")
    with pytest.raises(UserError, match=r"cannot be listed: .*b\.txt"):
        list_inputs([root], ENDINGS)
