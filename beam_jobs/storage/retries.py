"""Does work again if it failed for a reason that may soon be gone: a network error, a busy store, a disk's hiccup.

A full disk, a missing file or a refused access stays as it is, so it is not tried again.
"""

import errno
import random
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

TRIES = 3
_DELAY_S = 0.5  # before the second try; four times as long before each further one
_CODES = {
    errno.EIO,
    errno.EAGAIN,
    errno.EINTR,
    errno.EBUSY,
    errno.EPIPE,
    errno.ESTALE,
    errno.ETIMEDOUT,
    errno.ECONNRESET,
    errno.ECONNABORTED,
    errno.ECONNREFUSED,
    errno.ENETDOWN,
    errno.ENETRESET,
    errno.ENETUNREACH,
    errno.EHOSTUNREACH,
}
_STATUSES = {408, 429}  # of HTTP, besides 500 and above: the request took too long, or there were too many
_S3_CODES = {"RequestTimeout", "SlowDown", "Throttling", "ThrottlingException", "RequestLimitExceeded"}
_CLIENTS = {"botocore", "google", "http", "requests", "urllib3"}
_NETWORK = (
    "Timeout",
    "Connection",
    "Transport",
    "Protocol",
    "IncompleteRead",
    "Streaming",
    "SSL",
    "NameResolution",
    "JSONDecode",
)
T = TypeVar("T")


def retried(work: Callable[[], T], wait: Callable[[float], object] | None = None, what: str = "") -> T:
    """The result of `work()`, which is called up to TRIES times while it raises transient errors.

    Every repetition is announced by a line on standard error, with `what` if the errors do not name it. The time before it is drawn at random, so that many
    workers do not come back to a busy store together. `work` must end with the same files however often it is called.
    """
    for number in range(1, TRIES):
        try:
            return work()
        except Exception as error:
            if not is_transient(error):
                raise
            seconds = _DELAY_S * 4 ** (number - 1) * random.uniform(0.5, 1.5)
            reason = " ".join(str(error).split())[:300] or type(error).__name__
            line = f"beambert: warning: {f'{what}: ' if what else ''}{reason}; trying again in {seconds:.1f} s (try {number + 1} of {TRIES})"
            print(line, file=sys.stderr, flush=True)
        (wait or time.sleep)(seconds)
    return work()


def is_transient(error: BaseException) -> bool:
    """Whether the error may be gone at the next try, judged by its class, its number and the answer of the store.

    If an error was raised from another one, as `UserError`s of the storage are, the answer of a store decides, and
    otherwise the first error.
    """
    chain = list(_causes(error))
    for cause in chain:
        status, code = _answer(cause)
        if code in _S3_CODES:
            return True
        if status:
            return status >= 500 or status in _STATUSES
    first = chain[-1]
    if type(first).__module__.partition(".")[0] in _CLIENTS:
        return any(part in type(first).__name__ for part in _NETWORK)
    if isinstance(first, OSError):
        return first.errno in _CODES or isinstance(first, (ConnectionError, TimeoutError))
    return False


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__


def _answer(error: Any) -> tuple[int, str]:
    """The HTTP status and the code in a client's exception; 0 and an empty string if it has none."""
    response = getattr(error, "response", None)
    if isinstance(response, dict):  # of botocore
        status = response.get("ResponseMetadata", {}).get("HTTPStatusCode")
        return _number(status), str(response.get("Error", {}).get("Code", ""))
    return _number(getattr(error, "code", None)) or _number(getattr(response, "status_code", None)), ""


def _number(status: object) -> int:
    return int(status) if isinstance(status, int) and 100 <= status < 600 else 0
