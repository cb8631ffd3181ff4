"""What may be gone at the next try is tried again, three times in all; what stays as it is, is not."""

import errno
from collections.abc import Callable

import pytest

from beam_jobs.errors import EnvironmentUserError, UserError
from beam_jobs.storage import object_store
from beam_jobs.storage.retries import TRIES, is_transient, retried


def _failing(*errors: BaseException) -> tuple[Callable[[], str], list[int]]:
    left, calls = list(errors), list[int]()

    def work() -> str:
        calls.append(1)
        if left:
            raise left.pop(0)
        return "done"

    return work, calls


def test_transient_errors_are_tried_again_and_each_try_is_announced(capsys) -> None:
    work, calls = _failing(OSError(errno.EIO, "Input/output error", "a.txt"), ConnectionResetError("cut"))
    waits: list[float] = []
    assert retried(work, waits.append) == "done"
    assert len(calls) == 3
    assert 0.25 <= waits[0] <= 0.75
    assert 1 <= waits[1] <= 3
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith("beambert: warning: [Errno 5] Input/output error: 'a.txt'; trying again in ")
    assert first.endswith(" s (try 2 of 3)")
    assert second.endswith(" s (try 3 of 3)")


def test_the_last_error_is_raised() -> None:
    errors = [OSError(errno.ETIMEDOUT, f"number {number}") for number in range(TRIES + 1)]
    work, calls = _failing(*errors)
    with pytest.raises(OSError, match="number 2"):
        retried(work, lambda seconds: None)
    assert len(calls) == TRIES


@pytest.mark.parametrize("error", [UserError("mend it"), ValueError("ours"), KeyboardInterrupt(), OSError("no number")])
def test_other_errors_are_raised_at_once(error: BaseException) -> None:
    work, calls = _failing(error)
    with pytest.raises(type(error)):
        retried(work, pytest.fail)
    assert len(calls) == 1


@pytest.mark.parametrize(
    ("code", "transient"),
    [
        *((code, True) for code in (errno.EIO, errno.ETIMEDOUT, errno.ECONNRESET, errno.EPIPE, errno.ESTALE)),
        *((code, False) for code in (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.ENOENT, errno.EROFS)),
    ],
)
def test_the_number_of_an_error_decides_also_if_the_storage_made_a_user_error_of_it(code: int, transient: bool) -> None:
    error = OSError(code, "reason")
    assert is_transient(error) == transient
    wrapped = EnvironmentUserError("cannot write a.txt: reason")
    wrapped.__cause__ = error
    assert is_transient(wrapped) == transient


class _S3Error(Exception):
    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.response = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}


class _GsError(Exception):
    def __init__(self, status: int) -> None:
        super().__init__(f"status {status}")
        self.code = status


def _of_client(name: str, module: str) -> Exception:
    return type(name, (Exception,), {"__module__": module})("message")


@pytest.mark.parametrize(
    ("error", "transient"),
    [
        (_S3Error(503, "SlowDown"), True),
        (_S3Error(500, "InternalError"), True),
        (_S3Error(400, "RequestTimeout"), True),
        (_S3Error(403, "AccessDenied"), False),
        (_S3Error(404, "NoSuchKey"), False),
        (_GsError(503), True),
        (_GsError(429), True),
        (_GsError(403), False),
        (_of_client("EndpointConnectionError", "botocore.exceptions"), True),
        (_of_client("ReadTimeoutError", "botocore.exceptions"), True),
        (_of_client("ProtocolError", "urllib3.exceptions"), True),
        (_of_client("JSONDecodeError", "requests.exceptions"), True),  # a body that breaks off
        (_of_client("NoCredentialsError", "botocore.exceptions"), False),
        (_of_client("RefreshError", "google.auth.exceptions"), False),
    ],
)
def test_the_answer_of_a_store_decides(error: Exception, transient: bool) -> None:
    assert is_transient(error) == transient
    with pytest.raises(OSError, match=r"\w") as raised, object_store.as_os_error("s3://bucket/key"):
        raise error
    assert is_transient(raised.value) == transient
