"""Recognises exceptions of any library that mean a full, missing or read-only disk, and shortens them to one line."""

import errno

_CODES = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS}
_TEXTS = (
    "No space left",
    "Disk quota",
    "File too large",
    "Input/output error",
    "Read-only file system",
    "Permission denied",
    "PERMISSION_DENIED",
)


def is_disk_trouble(error: BaseException) -> bool:
    """Whether an error, or its cause, is one of the disk.

    TensorStore and TensorBoard have no exception class for that.
    """
    cause: BaseException | None = error
    while cause is not None:
        if getattr(cause, "errno", None) in _CODES or any(text in str(cause) for text in _TEXTS):
            return True
        cause = cause.__cause__
    return False


def first_line(error: BaseException) -> str:
    """The message of an error, as one short line."""
    text = " ".join(str(error).split())
    for known in _TEXTS:
        if known in text:
            return known
    text = text.split(" in OCDBT database")[0] or type(error).__name__
    return text if len(text) <= 160 else text[:160] + "…"
