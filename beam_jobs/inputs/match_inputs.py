"""What a pattern of `--input` matches: a file, a folder or a glob, on a local disk or in an object store."""

import glob
import os
import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from beam_jobs.storage.clients import beam_file_systems
from beam_jobs.storage.object_store import version_of
from beam_jobs.storage.paths import READ_ONLY, absolute, is_remote, local_path, scheme_of
from beam_jobs.storage.read_only import read_only_files

_GLOB = re.compile(r"[*?[]")
_SPECIAL = (
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


@dataclass(frozen=True, slots=True)
class MatchedFile:
    """One path that a pattern matches.

    Two paths with the same `identity` are one file: a link and its target, or two hard links. `linked` says that the
    path goes through a symbolic link below the root of the pattern. `special` says what a file is that is not regular.
    `version` is what `storage.state` says of the file.
    """

    uri: str
    size: int
    identity: str
    linked: bool = False
    special: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """What a pattern matches.

    `root` is the fixed part of the pattern, a folder above all `files`, with a slash at its end. `linked_again` holds
    the linked folders whose files are in `files` under another path.
    """

    root: str
    files: list[MatchedFile]
    linked_again: list[str] = field(default_factory=list)
    named_directly: bool = False  # the pattern is the path of one file


def match_input(pattern: str) -> Match:
    """What `pattern` matches. A folder stands for all files below it, even if a glob matched it.

    A wildcard also matches names that begin with a dot, as in object stores. The exceptions are those of the file
    system.
    """
    if scheme_of(pattern) in READ_ONLY:
        return _match_read_only(pattern)
    return _match_remote(absolute(pattern)) if is_remote(pattern) else _match_local(absolute(pattern))


def file_identity(uri: str) -> str:
    """A string that is equal for two URIs exactly if they name the same file; see `MatchedFile`."""
    if is_remote(uri):
        return uri
    path = str(local_path(uri))
    try:
        return _identity(os.path.realpath(path), os.stat(path))  # noqa: PTH116
    except OSError:
        return os.path.realpath(path)  # whoever opens the file reports the error


def _match_local(pattern: str) -> Match:
    again: list[str] = []
    if os.path.isdir(pattern):  # noqa: PTH112, a Path would normalise the pattern
        root = pattern.rstrip("/") + "/"
        return Match(root, _describe(_walk(pattern, again), root), again)
    if not _GLOB.search(pattern) or os.path.exists(pattern):  # noqa: PTH110
        root = pattern.rpartition("/")[0] + "/"
        found = [pattern] if os.path.exists(pattern) else []  # noqa: PTH110
        return Match(root, _describe(found, root), named_directly=True)
    paths: list[str] = []
    for match in glob.iglob(pattern, recursive=True, include_hidden=True):  # noqa: PTH207, Path.glob has no absolute ones
        whole_folder = os.path.isdir(match) and "**" not in pattern  # noqa: PTH112
        paths.extend(_walk(match, again) if whole_folder else [match])
    root = _fixed_folder(pattern)
    return Match(root, _describe(paths, root), again)


def _describe(paths: Iterable[str], root: str) -> list[MatchedFile]:
    real_root = os.path.realpath(root).rstrip("/")
    real_folders: dict[str, str] = {}
    files: list[MatchedFile] = []
    for path in paths:
        folder, _, name = path.rpartition("/")
        if folder not in real_folders:
            real_folders[folder] = os.path.realpath(folder or "/").rstrip("/")
        real = f"{real_folders[folder]}/{name}"
        status = os.lstat(path)
        if stat.S_ISLNK(status.st_mode):
            real, status = os.path.realpath(path), os.stat(path)  # noqa: PTH116
        if stat.S_ISDIR(status.st_mode):
            continue
        special = next((what for test, what in _SPECIAL if test(status.st_mode)), "")
        linked = real != f"{real_root}/{path[len(root) :]}"
        files.append(
            MatchedFile(path, status.st_size, _identity(real, status), linked, special, str(status.st_mtime_ns))
        )
    return files


def _identity(real_path: str, status: os.stat_result) -> str:
    return f"{status.st_dev}:{status.st_ino}" if status.st_nlink > 1 and status.st_ino else real_path


def _walk(root: str, again: list[str]) -> Iterator[str]:
    """The files below `root`. Each folder is visited once.

    Linked folders come last, so that a real folder below `root` keeps its own path. A link to a folder that was seen
    before is passed over and added to `again`.
    """
    seen: set[str] = set()
    tops = [root]
    while tops:
        links: list[str] = []
        for top in tops:
            for folder, folders, names in os.walk(top, onerror=_raise):
                real = os.path.realpath(folder)
                if real in seen:
                    again.append(folder)
                    folders.clear()
                    continue
                seen.add(real)
                folders.sort()
                paths = (f"{folder.rstrip('/')}/{name}" for name in folders)
                links += [path for path in paths if os.path.islink(path)]  # noqa: PTH114
                yield from (f"{folder.rstrip('/')}/{name}" for name in sorted(names))
        tops = links


def _raise(error: OSError) -> None:
    raise error  # os.walk would skip a folder that it may not read


def _match_read_only(pattern: str) -> Match:
    files = [MatchedFile(uri, size, uri, version=version) for uri, size, version in read_only_files(pattern)]
    one = len(files) == 1 and files[0].uri == pattern
    root = pattern.rpartition("/")[0] + "/" if one else _fixed_folder(pattern.rstrip("/") + "/")
    return Match(root, files, named_directly=one)


def _match_remote(pattern: str) -> Match:
    file_systems = beam_file_systems(scheme_of(pattern))

    def match(pattern: str) -> list[MatchedFile]:
        found = file_systems.match([pattern])[0].metadata_list
        return [
            MatchedFile(meta.path, meta.size_in_bytes, meta.path, version=version_of(meta.last_updated_in_seconds))
            for meta in found
            if not meta.path.endswith("/")
        ]

    if _GLOB.search(pattern):
        return Match(_fixed_folder(pattern), match(pattern))
    files = [] if pattern.endswith("/") else match(pattern)
    if files:
        return Match(pattern.rpartition("/")[0] + "/", files, named_directly=True)
    folder = pattern.rstrip("/") + "/"
    return Match(folder, match(folder + "**"))


def _fixed_folder(pattern: str) -> str:
    """The folder of a glob pattern above its first wildcard, with a slash at its end."""
    wildcard = _GLOB.search(pattern)
    return pattern[: wildcard.start() if wildcard else len(pattern)].rpartition("/")[0] + "/"
