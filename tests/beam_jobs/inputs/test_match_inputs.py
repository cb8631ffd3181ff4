import os

from beam_jobs.inputs.match_inputs import file_identity, match_input


def test_links_and_their_targets_have_one_identity(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("a")
    (tmp_path / "in" / "b.txt").symlink_to("a.txt")
    (tmp_path / "link").symlink_to("in")
    (tmp_path / "other.txt").write_text("a")
    match = match_input(str(tmp_path))
    assert {file.uri.removeprefix(match.root): file.linked for file in match.files} == {
        "in/a.txt": False,
        "in/b.txt": True,
        "other.txt": False,
    }
    assert [folder.removeprefix(match.root) for folder in match.linked_again] == ["link"]
    first, second, other = (file_identity(f"{tmp_path}/{name}") for name in ("in/a.txt", "link/b.txt", "other.txt"))
    assert first == second != other
    os.link(tmp_path / "in" / "a.txt", tmp_path / "hard.txt")
    assert file_identity(f"file://{tmp_path}/hard.txt") == file_identity(f"{tmp_path}/in/a.txt") != other


def test_what_is_not_there_or_elsewhere_has_an_identity():
    assert file_identity("/no/such/../file") == "/no/file"
    assert file_identity("gs://bucket/a") == "gs://bucket/a"


def test_a_wildcard_matches_names_with_a_dot(tmp_path):
    for name in (".a.txt", "b.txt", ".c/d.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    match = match_input(f"{tmp_path}/*")
    assert sorted(file.uri.removeprefix(match.root) for file in match.files) == [".a.txt", ".c/d.txt", "b.txt"]
    assert not match.named_directly
    assert match_input(f"{tmp_path}/b.txt").named_directly
