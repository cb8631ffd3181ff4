import pytest

from beam_jobs.documents.sample_texts import sample_texts
from beam_jobs.errors import UserError


def test_what_the_jobs_read_and_plain_files(tmp_path, compressors, json_line):
    lines = json_line(body="En.") + json_line(body="To.")
    (tmp_path / "a.jsonl.zst").write_bytes(compressors[".zst"](lines))
    (tmp_path / "sample").write_text("En.\nTo.\n")
    assert list(sample_texts(str(tmp_path / "a.jsonl.zst"), "body")) == ["En.", "To."]
    assert list(sample_texts(str(tmp_path / "sample"), "body")) == ["En.\n", "To.\n"]


def test_what_would_be_set_aside_is_an_error(tmp_path, json_line):
    (tmp_path / "a.jsonl").write_bytes(json_line(text="En.") + b"broken\n")
    with pytest.raises(UserError, match=r"--text a\.jsonl: at \d+: .*; mend or leave it out"):
        list(sample_texts(str(tmp_path / "a.jsonl"), "text"))
    with pytest.raises(UserError, match=r"--text .*none\.txt matches no file"):
        list(sample_texts(str(tmp_path / "none.txt"), "text"))
