import pytest

from beam_jobs.inputs.input_file import InputFile, name_below, with_unique_names


@pytest.mark.parametrize(
    ("root", "uri", "name"),
    [
        ("/corpus/", "/corpus/a/b.txt", "a/b.txt"),
        ("/corpus/train/", "/corpus/train/b.txt", "train/b.txt"),
        ("/corpus/Validation/", "/corpus/Validation/b.txt", "Validation/b.txt"),
        ("gs://bucket/", "gs://bucket/b.txt", "b.txt"),
        ("/corpus/", "/corpus/caf\udce9.txt", "caf\\xe9.txt"),
    ],
)
def test_names_begin_at_the_root(root, uri, name):
    assert name_below(root, uri) == name


def test_equal_names_get_the_folders_above():
    files = [InputFile(f"/{folder}/x/caf\udce9.txt", "caf\\xe9.txt", 1) for folder in "ab"]
    files.append(InputFile("/a/y.txt", "y.txt", 1))
    assert [file.name for file in with_unique_names(files)] == ["a/x/caf\\xe9.txt", "b/x/caf\\xe9.txt", "y.txt"]
    same = [InputFile("/a/\udce9", "\\xe9", 1), InputFile("/a/\\xe9", "\\xe9", 1)]  # spelt out, they are one name
    assert len(with_unique_names(same)) == 2
