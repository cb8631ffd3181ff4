"""Writes an export under a temporary name, checks it there, and only then renames it to its final name.

Every export carries `beambert_export.json`: what wrote it, in which form, which of the model's heads are untrained, and
the size and SHA-256 of each of its files. A folder is replaced only when this list is there and describes all that the
folder holds. So an export never deletes files that a user added, changed or trained further: such a folder is refused
and left as it is.
"""

import contextlib
import errno
import hashlib
import json
import logging
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from beam_jobs import storage
from beam_jobs.console.interruption import answering
from beam_jobs.errors import UserError
from beam_jobs.records import FORMAT, require_known_format
from beam_jobs.storage.paths import is_remote

MARKER_NAME = "beambert_export.json"

_FORMAT = 1
_MADE_BY = "beambert"

logger = logging.getLogger(__name__)


@contextlib.contextmanager
def written_folder(folder: str | Path, form: str, untrained: Sequence[str] = ()) -> Iterator[Path]:
    """A folder to write into. It becomes `folder` if the block ends without an exception, and is removed otherwise.

    Args:
        folder: the final name. An earlier export of the same form there, unchanged since, is replaced.
        form: the form of the export, such as "hugging_face"; goes into its marker.
        untrained: heads whose weights are random, for the marker.

    Raises:
        UserError: something else is at `folder` (see `require_free`), or it cannot be written to.
    """
    final = _real(folder)
    require_free(final, form)
    suffix = f"{os.getpid()}-{secrets.token_hex(4)}"
    temporary = final.parent / f".{final.name}.writing-{suffix}"
    with _one_line_errors(final):
        final.parent.mkdir(parents=True, exist_ok=True)
        temporary.mkdir()
    try:
        with removed_if_interrupted(temporary):
            with _one_line_errors(final, {errno.ENOSPC, errno.EDQUOT}):
                yield temporary
            with _one_line_errors(final):
                _write_marker(temporary, form, untrained)
                _open_to_readers(temporary)
        with _one_line_errors(final):
            _put_in_place(temporary, final, form, final.parent / f".{final.name}.replaced-{suffix}")
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


@contextlib.contextmanager
def removed_if_interrupted(folder: str | Path) -> Iterator[None]:
    """Remove the folder, which this command has made, if the command is interrupted in this block."""

    def remove(number: int) -> bool:
        for _ in range(2):  # twice, because the block may still be writing
            shutil.rmtree(folder, ignore_errors=True)
        return True

    with answering(remove):
        yield


def require_free(folder: str | Path, form: str, sources: Sequence[str | Path] = ()) -> None:
    """Raise UserError unless an export of this form can be written to `folder` without deleting files of others.

    It can if nothing is there, if the folder is empty, or if it is an unchanged earlier export of the same form, to
    which nothing was added. It cannot if the folder is one of the `sources` of the export, or holds one.
    """
    final = _real(folder)
    for source in sources:
        if is_remote(str(source)):
            continue
        if final == _real(source) or final in _real(source).parents:
            raise UserError(f"{folder}: holds what is to be exported ({source}); name another --output")
    if not os.path.lexists(final) or (final.is_dir() and not any(final.iterdir())):
        return
    if not final.is_dir():
        raise UserError(f"{folder}: is a file; name a folder with --output")
    content = _read_marker(final)
    if content is None:
        raise UserError(
            f"{folder}: is not empty and no export that beambert can recognise (it has no valid {MARKER_NAME}; exports of "
            "earlier versions have none); nothing was touched: name another --output, or remove that folder yourself"
        )
    if content["form"] != form:
        raise UserError(f"{folder}: is an export in the form {content['form']}; name another --output for {form}")
    foreign = _difference(final, content["files"])
    if foreign:
        raise UserError(
            f"{folder}: an earlier export, but {foreign}; nothing was touched: name another --output, or move the folder "
            "away"
        )


def _put_in_place(temporary: Path, final: Path, form: str, old: Path) -> None:
    """Rename the new folder to its final name.

    The old one is checked again, because writing took minutes, before removal.
    """
    require_free(final, form)
    content = _read_marker(final) if final.exists() else None
    if content is None:
        if final.exists():
            final.rmdir()
        temporary.rename(final)
        return
    final.rename(old)
    try:
        temporary.rename(final)
    except OSError:
        old.rename(final)
        raise
    for name in _files(old) & {*content["files"], MARKER_NAME}:
        (old / name).unlink(missing_ok=True)
    for parent, _, _ in os.walk(old, topdown=False):
        with contextlib.suppress(OSError):
            Path(parent).rmdir()
    if old.exists():
        logger.warning(f"{old}: holds what appeared in the earlier export while it was replaced; it stays there")


def untrained_heads(folder: Path, weights_name: str) -> tuple[str, ...]:
    """The untrained heads that an export's marker lists; none without a marker, or if its weights have changed."""
    content = _read_marker(folder)
    if content is None or not content.get("untrained"):
        return ()
    if _describe(folder / weights_name) != content["files"].get(weights_name):
        return ()
    return tuple(str(head) for head in content["untrained"])


def changed_file(folder: Path, names: Sequence[str]) -> str:
    """The first of the files, or of their names, that is not as the export's marker says; empty if all are.

    Files of a folder without a marker are as they are.
    """
    content = _read_marker(folder)
    for name in names if content else ():
        there = _describe(folder / name) if (folder / name).is_file() else None
        if there != content["files"].get(name):  # type: ignore[index]
            return name
    return ""


def _write_marker(folder: Path, form: str, untrained: Sequence[str]) -> None:
    files = {name: _describe(folder / name) for name in sorted(_files(folder))}
    content = {FORMAT: _FORMAT, "made_by": _MADE_BY, "form": form, "untrained": list(untrained), "files": files}
    (folder / MARKER_NAME).write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _open_to_readers(folder: Path) -> None:
    """Give the files the rights of a new file: the writer of safetensors leaves them to their owner alone."""
    rights = 0o666 & ~_umask()
    for name in _files(folder):
        if not (folder / name).is_symlink():
            (folder / name).chmod(rights)


def _umask() -> int:
    """What this process takes from the rights of a new file. It can only be read by setting it."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def _read_marker(folder: Path) -> dict[str, Any] | None:
    """The content of a folder's marker; None if there is no marker that beambert wrote.

    Raises UserError if a newer version of beambert wrote it, in a format that this one does not read.
    """
    try:
        content = dict(json.loads((folder / MARKER_NAME).read_text(encoding="utf-8")))
        if content.get("made_by") != _MADE_BY:
            return None
        require_known_format(content, _FORMAT, str(folder / MARKER_NAME))
    except (OSError, ValueError, TypeError, RecursionError):
        return None
    return content if isinstance(content.get("form"), str) and isinstance(content.get("files"), dict) else None


def _difference(folder: Path, files: Mapping[str, Any]) -> str:
    """The first difference between a folder and its marker, as words; empty if there is none."""
    found = _files(folder) - {MARKER_NAME}
    for name in sorted(found - set(files)):
        return f"{name} was added to it"
    for name in sorted(found):
        if _describe(folder / name) != files[name]:
            return f"{name} was changed since"
    return ""


def _describe(path: Path) -> dict[str, Any]:
    if path.is_symlink():
        return {"link": str(path.readlink())}
    with path.open("rb") as file:
        return {"bytes": path.stat().st_size, "sha256": hashlib.file_digest(file, "sha256").hexdigest()}


def _files(folder: Path) -> set[str]:
    """The relative names of everything below a folder that is not itself a folder.

    Links to folders are not followed.
    """
    names = set()
    for parent, folders, files in os.walk(folder):
        links = [name for name in folders if (Path(parent) / name).is_symlink()]
        names |= {(Path(parent) / name).relative_to(folder).as_posix() for name in (*files, *links)}
    return names


def _real(path: str | Path) -> Path:
    """The path with links followed. So if `folder` is a link, its target is replaced and the link remains."""
    return Path(
        os.path.realpath(storage.require_local(str(path), "exports are written to a local disk; name a folder"))
    )


@contextlib.contextmanager
def _one_line_errors(folder: Path, codes: set[int] | None = None) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if codes is not None and error.errno not in codes:
            raise
        reason = error.strerror or error
        raise UserError(f"{folder}: cannot write the export ({reason}); name another --output") from error
