import errno

import pytest

from beam_jobs.storage.disk_trouble import first_line, is_disk_trouble


def caused_by(error, cause):
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        (OSError(errno.ENOSPC, "x"), True),
        (OSError(errno.EDQUOT, "x"), True),
        (OSError(errno.EFBIG, "x"), True),
        (OSError(errno.EIO, "x"), True),
        (OSError(errno.EROFS, "x"), True),
        (OSError(errno.ENOENT, "x"), False),
        (ValueError("RESOURCE_EXHAUSTED: No space left on device"), True),
        (RuntimeError("PERMISSION_DENIED: /out"), True),
        (RuntimeError("Disk quota exceeded"), True),
        (ValueError("shapes differ"), False),
        (caused_by(RuntimeError("x"), caused_by(ValueError("y"), OSError(errno.EIO, "z"))), True),
        (caused_by(RuntimeError("x"), ValueError("y")), False),
    ],
)
def test_whose_fault_it_is(error, trouble):
    assert is_disk_trouble(error) is trouble


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("INTERNAL: No space left on device [/a/b]", "No space left"),
        ("a\n  b", "a b"),
        ("odd in OCDBT database at file:///x", "odd"),
        ("", "RuntimeError"),
        ("x" * 160, "x" * 160),
        ("x" * 161, "x" * 160 + "…"),
    ],
)
def test_one_short_line(text, line):
    assert first_line(RuntimeError(text)) == line
