"""Which files a job reads: files, folders and globs, local or in an object store, as one sorted list."""

import glob
import logging
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from beam_jobs.records import SPLITS
from beam_jobs.transforms.decompress import compression_ending
from beam_jobs.transforms.paths import absolute, beam_file_systems, is_remote
from vocab.errors import UserError

_GLOB = re.compile(r"[*?[]")
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class InputFile:
    """One file to read. `name` is its path from the fixed part of the pattern on, so that it, and all that is derived
    from it, stays the same when a corpus moves to another folder; `size` is in bytes, as stored."""

    uri: str
    name: str
    size: int


def list_inputs(patterns: Sequence[str], endings: Sequence[str]) -> list[InputFile]:
    """The files that `patterns` name, each once, sorted by name.

    A pattern is a file, a folder (all files below it) or a glob (`*`, `?`, `[...]`, `**` for any depth; a folder that it
    matches stands for the files below). `endings` are those that can be read, such as `.txt`, each also followed by .gz,
    .bz2 or .zst; an empty ending reads anything. In folders and globs, other files and those whose path has a part that
    begins with `.` or `_` are passed over. Raises UserError naming the pattern that matches nothing, or the file named
    directly that cannot be read.
    """
    found: dict[str, InputFile] = {}
    for pattern in patterns:
        files: list[InputFile] = []
        skipped: list[InputFile] = []
        for file in _match(pattern):
            (files if _is_readable(file.name, endings) else skipped).append(file)
        if not files:
            raise UserError(_nothing_found(pattern, skipped, endings))
        if skipped:
            names = ", ".join(file.name for file in skipped[:3])
            _LOG.warning("%s: %d files of other kinds passed over (%s)", pattern, len(skipped), names)
        for file in files:
            found.setdefault(file.uri, file)
    return sorted(_with_unique_names(found.values()), key=lambda file: file.name)


def _match(pattern: str) -> Iterator[InputFile]:
    absolute_pattern = absolute(pattern)
    try:
        root, files = (_match_remote if is_remote(pattern) else _match_local)(absolute_pattern)
    except Exception as error:  # every store has its own way to say no
        reason = " ".join(str(error).split()) or type(error).__name__
        raise UserError(f"--input {pattern} cannot be listed: {reason}; check the path and your permissions") from error
    # A hidden part counts only below the root, and not where the pattern itself spells it out.
    shows_hidden = re.search(r"/[._]", absolute_pattern[len(root) - 1 :]) is not None
    start = root.rstrip("/").rpartition("/")[0] + "/" if root.rstrip("/").rpartition("/")[2] in SPLITS else root
    for uri, size in files:
        if shows_hidden or not re.search(r"(^|/)[._]", uri[len(root) :]):
            yield InputFile(uri, uri[len(start) :], size)


def _match_local(pattern: str) -> tuple[str, list[tuple[str, int]]]:
    path = Path(pattern)
    if path.is_dir():
        return pattern.rstrip("/") + "/", [(f, os.stat(f).st_size) for f in _walk(pattern)]  # noqa: PTH116
    if not _GLOB.search(pattern) or path.exists():
        return f"{path.parent}/", [(pattern, path.stat().st_size)] if path.exists() else []
    files: list[str] = []
    for match in glob.iglob(pattern, recursive=True):  # noqa: PTH207, Path.glob has no absolute patterns
        files.extend(_walk(match) if Path(match).is_dir() and "**" not in pattern else [match])
    return _fixed_folder(pattern), [(f, os.stat(f).st_size) for f in files if Path(f).is_file()]  # noqa: PTH116


def _walk(root: str) -> Iterator[str]:
    seen = set()
    for folder, folders, names in os.walk(root, onerror=_raise, followlinks=True):
        real = os.path.realpath(folder)
        if real in seen:  # a link that leads back up
            folders.clear()
            continue
        seen.add(real)
        folders.sort()
        yield from (f"{folder.rstrip('/')}/{name}" for name in sorted(names))


def _raise(error: OSError) -> None:
    raise error  # os.walk would pass over a folder that may not be read


def _match_remote(pattern: str) -> tuple[str, list[tuple[str, int]]]:
    file_systems = beam_file_systems()

    def match(pattern: str) -> list[tuple[str, int]]:
        return [
            (meta.path, meta.size_in_bytes)
            for meta in file_systems.match([pattern])[0].metadata_list
            if not meta.path.endswith("/")
        ]

    if _GLOB.search(pattern):
        return _fixed_folder(pattern), match(pattern)
    files = [] if pattern.endswith("/") else match(pattern)
    if files:
        return pattern.rpartition("/")[0] + "/", files
    folder = pattern.rstrip("/") + "/"
    return folder, match(folder + "**")


def _fixed_folder(pattern: str) -> str:
    """The folder of a glob pattern above its first wildcard, with a slash at its end."""
    wildcard = _GLOB.search(pattern)
    return pattern[: wildcard.start() if wildcard else len(pattern)].rpartition("/")[0] + "/"


def _is_readable(name: str, endings: Iterable[str]) -> bool:
    plain = name.lower().removesuffix(compression_ending(name))
    return any(plain.endswith(ending) for ending in endings)


def _nothing_found(pattern: str, skipped: Sequence[InputFile], endings: Sequence[str]) -> str:
    known = ", ".join(endings)
    if skipped:
        return f"--input {pattern}: cannot read {skipped[0].name}; known are {known}, each plain or .gz, .bz2, .zst"
    return f"--input {pattern} matches no file; check the path (known are {known}, each plain or .gz, .bz2, .zst)"


def _with_unique_names(files: Iterable[InputFile]) -> list[InputFile]:
    """Files of the same name, from two patterns, are told apart by the folders above them."""
    result = list(files)
    while True:
        count = Counter(file.name for file in result)
        if len(count) == len(result):
            return result
        result = [_longer(file) if count[file.name] > 1 else file for file in result]


def _longer(file: InputFile) -> InputFile:
    above = file.uri.removesuffix("/" + file.name).rpartition("/")[2]
    return InputFile(file.uri, f"{above}/{file.name}", file.size)
