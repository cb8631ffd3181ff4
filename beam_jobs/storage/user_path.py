"""Local paths as a shell reads them."""

import os
from pathlib import Path


def expand_user(path: str | Path) -> Path:
    """The path with a leading `~` or `~user` replaced by that user's home folder; a name of nobody's stays as it is.

    `Path.expanduser` raises RuntimeError instead: a file may well be called `~draft.txt`.
    """
    return Path(os.path.expanduser(path))  # noqa: PTH111
