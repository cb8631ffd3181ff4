"""Refuses an input file that changes while a job reads it: the corpus would hold a mixture of old and new text."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

from beam_jobs import storage
from beam_jobs.errors import UserError
from beam_jobs.storage.paths import is_remote

_AT_ONCE = 8  # requests to a store

Check = Callable[[str, int, str], object]
"""`require_unchanged`, or something that calls it later."""


def require_unchanged(uri: str, size: int, version: str) -> None:
    """Raise UserError when a file has another size or version (see `storage.state`) than when the plan was made.

    A negative size or an empty version is not compared.
    """
    if size < 0:
        return
    try:
        now, version_now = storage.state(uri)
    except FileNotFoundError:
        raise UserError(
            f"{uri} vanished while the job read its input; put it back and run the same command again"
        ) from None
    if now != size:
        raise UserError(
            f"{uri} changed while the job read its input: it had {size:,} bytes, now it has {now:,}; "
            "when it is complete, begin again with an empty --output"
        )
    if version and version_now and version_now != version:
        raise UserError(f"{uri} was written again while the job read its input; the same command reads it anew")


@contextmanager
def checked_meanwhile() -> Iterator[Check]:
    """`require_unchanged`, which asks a store while the body goes on. The end of the block raises the first UserError.

    So enter it before the context that writes what was read: the last check then runs during the upload.
    """
    asked: list[Future[None]] = []
    with ThreadPoolExecutor(_AT_ONCE, "checks") as pool:

        def check(uri: str, size: int, version: str) -> None:
            if is_remote(uri):
                asked.append(pool.submit(require_unchanged, uri, size, version))
            else:
                require_unchanged(uri, size, version)

        try:
            yield check
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
        for answer in asked:
            answer.result()
