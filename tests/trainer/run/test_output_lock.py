"""One process at a time: who holds a folder is told, and where nothing can be locked, that is told."""

import errno
import fcntl
import json
import os

import pytest

from beam_jobs.errors import UserError
from trainer.run.output_lock import LOCK_NAME, only_run_in, output_lock


def test_the_second_is_told_who_the_first_is_until_it_is_done(tmp_path):
    output, said = str(tmp_path / "new" / "run"), []
    with output_lock(output, said.append):
        holder = json.loads((tmp_path / "new" / "run" / LOCK_NAME).read_text())
        assert holder["pid"] == os.getpid()
        with pytest.raises(UserError) as error, output_lock(output, said.append):
            pass
        assert f"process {holder['pid']} on {holder['host']}, since {holder['since']}, trains" in str(error.value)
    with output_lock(output, said.append):
        pass
    assert not said


@pytest.mark.parametrize("content", ["", "{", '{"pid": 3}'])
def test_a_holder_that_has_not_told_its_name(tmp_path, content):
    with (tmp_path / LOCK_NAME).open("w") as file:
        file.write(content)
        file.flush()
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(UserError, match="another process trains into it"), output_lock(str(tmp_path), print):
            pass


def test_a_file_system_without_locks_is_no_obstacle(tmp_path, monkeypatch):
    def refuse(file, how):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    said = []
    with output_lock(str(tmp_path), said.append):
        assert "see that no other process trains into it" in said[0]


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot be written to"), output_lock(str(tmp_path / "file" / "run"), print):
        pass


def test_all_hosts_give_up_when_the_first_does(tmp_path):
    others = only_run_in(str(tmp_path), print, primary=False, any_host=lambda flag: True)
    with pytest.raises(UserError, match="the first host of this run"), others:
        pass
    assert not list(tmp_path.iterdir()), "the other hosts lock nothing"
