import errno

import pytest

from beam_jobs.errors import UserError
from beam_jobs.storage import object_store


class NotFound(Exception):  # noqa: N818  as Google's client calls it
    """Of a client."""


def coded(code):
    error = RuntimeError("HTTP")
    error.response = {"Error": {"Code": code}}
    return error


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (NotFound("x"), FileNotFoundError),
        (coded("NoSuchKey"), FileNotFoundError),
        (coded("NoSuchBucket"), FileNotFoundError),
        (RuntimeError("an answer (404)"), FileNotFoundError),
        (coded("AccessDenied"), OSError),
        (RuntimeError("two\n lines"), OSError),
        (TimeoutError(), OSError),
    ],
)
def test_whatever_a_client_raises_is_an_error_of_the_system_with_the_address(error, kind):
    with pytest.raises(OSError) as raised, object_store.as_os_error("s3://b/k"):  # noqa: PT011
        raise error
    assert type(raised.value) is kind
    assert raised.value.filename == "s3://b/k"
    assert "\n" not in str(raised.value)
    assert raised.value.errno == (errno.ENOENT if kind is FileNotFoundError else errno.EIO)


@pytest.mark.parametrize("error", [UserError("x"), FileNotFoundError("y")])
def test_what_says_it_already_stays_as_it_is(error):
    with pytest.raises(type(error)) as raised, object_store.as_os_error("s3://b/k"):
        raise error
    assert raised.value is error


def test_more_is_removed_at_once_than_a_request_holds(s3, monkeypatch):
    monkeypatch.setitem(object_store._AT_ONCE, "s3", 2)
    uris = [f"{s3}/many/{i}" for i in range(5)]
    for uri in uris:
        upload = object_store.upload(uri)
        upload.write(b"x")
        upload.publish()
    assert [size for _, size in object_store.list_files(f"{s3}/many/")] == [1] * 5
    object_store.delete([*uris, f"{s3}/many/none"])
    assert object_store.list_files(f"{s3}/many/") == []


def test_versions_are_times():
    assert object_store.version_of(1.5) == "1.500000"
    assert object_store.version_of(None) == ""
    with pytest.raises(UserError, match="https:// is only read, one file at a time"):
        object_store.size("https://host/x")
