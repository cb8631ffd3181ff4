"""Refuses an input file that changes while a job reads it: the corpus would hold a mixture of old and new text."""

from beam_jobs import storage
from beam_jobs.errors import UserError


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
