"""Writing an export: under a temporary name, checked there, and only then under its own."""

import contextlib
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

from vocab.errors import UserError


@contextlib.contextmanager
def written_folder(folder: str | Path, marker: str) -> Iterator[Path]:
    """A folder to write into that becomes `folder` when the block ends without an exception, and vanishes otherwise.

    An earlier export of the same kind, known by its file `marker`, is replaced; anything else there is a UserError.
    """
    final = Path(folder)
    if final.exists() and not (final / marker).exists() and (not final.is_dir() or any(final.iterdir())):
        raise UserError(f"{final}: is there already and is no earlier export (it has no {marker}); name another folder")
    final.parent.mkdir(parents=True, exist_ok=True)
    suffix = f"{os.getpid()}-{secrets.token_hex(4)}"
    temporary = final.parent / f".{final.name}.writing-{suffix}"
    temporary.mkdir()
    try:
        yield temporary
        if final.exists():
            old = final.parent / f".{final.name}.replaced-{suffix}"
            final.rename(old)
            temporary.rename(final)
            shutil.rmtree(old)
        else:
            temporary.rename(final)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
