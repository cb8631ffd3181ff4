import json
import os

import pytest

from beam_jobs.errors import UserError
from trainer.export import export_folder as module
from trainer.export.export_folder import MARKER_NAME, require_free, untrained_heads, written_folder


def write(folder, form="form", **files):
    with written_folder(folder, form) as writing:
        for name, text in files.items():
            path = writing / name.replace("__", "/")
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)


def names(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def test_the_marker_lists_every_file(tmp_path):
    write(tmp_path / "x", a="1", sub__b="22")
    marker = json.loads((tmp_path / "x" / MARKER_NAME).read_text())
    assert (marker["format"], marker["made_by"], marker["form"]) == (1, "beambert", "form")
    assert {name: entry["bytes"] for name, entry in marker["files"].items()} == {"a": 1, "sub/b": 2}


def test_files_have_the_rights_of_new_ones(tmp_path):
    """Whatever the writer of a file gave it: that of safetensors gives none but its owner any."""
    mask = os.umask(0o027)
    try:
        with written_folder(tmp_path / "out", "form") as folder:
            (folder / "sub").mkdir()
            for name in ("weights", "sub/other"):
                (folder / name).write_text("x")
                (folder / name).chmod(0o600)
    finally:
        os.umask(mask)
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "out").rglob("*") if path.is_file()} == {0o640}


def test_an_unchanged_export_is_replaced_whole(tmp_path):
    write(tmp_path / "x", a="1", sub__b="2")
    (tmp_path / "x" / "a").unlink()  # what its owner removed is no reason to refuse
    write(tmp_path / "x", c="3")
    assert names(tmp_path) == ["x", f"x/{MARKER_NAME}", "x/c"]


def test_an_empty_folder_and_a_link_to_one_are_written_into(tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "link").symlink_to("empty")
    write(tmp_path / "link", a="1")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "empty" / "a").read_text() == "1"


@pytest.mark.parametrize("kind", ["file", "link", "changed", "hidden", "dangling"])
def test_whatever_was_added_or_changed_is_left(tmp_path, kind):
    place = tmp_path / "x"
    write(place, a="1")
    {
        "file": lambda: (place / "new").touch(),
        "link": lambda: (place / "new").symlink_to(tmp_path),
        "dangling": lambda: (place / "new").symlink_to("nowhere"),
        "hidden": lambda: (place / ".git").mkdir() or (place / ".git" / "HEAD").touch(),
        "changed": lambda: (place / "a").write_text("2"),
    }[kind]()
    before = names(place)
    with pytest.raises(UserError, match="an earlier export, but"):
        write(place, c="3")
    assert names(place) == before


def test_what_appears_while_an_export_is_written_is_left(tmp_path):
    write(tmp_path / "x", a="1")
    with pytest.raises(UserError, match="new was added"), written_folder(tmp_path / "x", "form"):
        (tmp_path / "x" / "new").touch()
    with pytest.raises(UserError, match="is not empty"), written_folder(tmp_path / "y", "form"):
        (tmp_path / "y" / "new").mkdir(parents=True)
    assert names(tmp_path) == ["x", "x/a", f"x/{MARKER_NAME}", "x/new", "y", "y/new"]


def test_what_appears_at_the_very_last_moment_is_left(tmp_path, monkeypatch, caplog):
    write(tmp_path / "x", a="1")
    kept = module._difference

    def add_behind_it(place, files):
        found = kept(place, files)
        if (tmp_path / "x.go").exists():
            (place / "late").touch()
        return found

    monkeypatch.setattr(module, "_difference", add_behind_it)
    with written_folder(tmp_path / "x", "form") as writing:
        (writing / "b").touch()
        (tmp_path / "x.go").touch()
    (left,) = tmp_path.glob(".x.replaced-*")
    assert names(left) == ["late"]
    assert str(left) in caplog.text
    assert names(tmp_path / "x") == ["b", MARKER_NAME]


def test_an_export_that_fails_leaves_the_earlier_one(tmp_path):
    write(tmp_path / "x", a="1")
    with pytest.raises(RuntimeError), written_folder(tmp_path / "x", "form"):
        raise RuntimeError
    assert names(tmp_path) == ["x", "x/a", f"x/{MARKER_NAME}"]


@pytest.mark.parametrize(
    "marker",
    [
        "",
        "[]",
        "{}",
        '{"format": "2", "made_by": "beambert", "form": "form", "files": {}}',
        '{"format": 2, "made_by": "other", "form": "form", "files": {}}',
    ],
)
def test_a_marker_that_is_not_ours_proves_nothing(tmp_path, marker):
    (tmp_path / MARKER_NAME).write_text(marker)
    with pytest.raises(UserError, match=r"no valid beambert_export\.json"):
        require_free(tmp_path, "form")


def test_an_export_of_a_newer_format_is_refused_and_its_marker_with_more_keys_is_read(tmp_path):
    folder = tmp_path / "x"
    with written_folder(folder, "form", ("pooler",)) as writing:
        (writing / "a").write_text("1")
    content = json.loads((folder / MARKER_NAME).read_text())
    (folder / MARKER_NAME).write_text(json.dumps({**content, "of_tomorrow": 1}))
    assert untrained_heads(folder, "a") == ("pooler",)
    (folder / MARKER_NAME).write_text(json.dumps({**content, "format": 2}))
    for use in (lambda: untrained_heads(folder, "a"), lambda: require_free(folder, "form")):
        with pytest.raises(
            UserError, match=r"beambert_export\.json: its format is 2, but .* above 1; update beambert$"
        ):
            use()


def test_a_file_and_a_folder_without_permission_are_one_line(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="is a file; name a folder"):
        require_free(tmp_path / "file", "form")
    with pytest.raises(UserError, match="cannot write the export"):
        write(tmp_path / "file" / "x", a="1")
    monkeypatch.setattr(os, "mkdir", lambda *_: (_ for _ in ()).throw(PermissionError(13, "Permission denied")))
    with pytest.raises(UserError, match=r"cannot write the export \(Permission denied\)"):
        write(tmp_path / "y", a="1")
