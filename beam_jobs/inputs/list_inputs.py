"""Which files a job reads: files, folders and globs, local or in an object store, as one sorted list."""

import logging
import os
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from beam_jobs.errors import UserError
from beam_jobs.execution.earlier_outputs import earlier_output, earlier_outputs_among
from beam_jobs.inputs.input_file import InputFile, can_be_read, name_below, with_unique_names
from beam_jobs.inputs.match_inputs import Match, MatchedFile, match_input
from beam_jobs.inputs.name_list import count_files, first_names
from beam_jobs.storage.paths import absolute, is_remote

_HIDDEN_FOLDER = re.compile(r"(^|/)[._][^/]*/")
_MARKERS = re.compile(
    r"(^|/)(\.git|__MACOSX)/"  # folders that never hold a user's text
    r"|(^|/)(_SUCCESS|_metadata|_common_metadata|_(started|committed)_\d+|\..*\.crc"  # of Hadoop, Spark, Parquet
    r"|\.DS_Store|Thumbs\.db|desktop\.ini|\.gitattributes|\.gitignore|\.gitkeep|\.keep)$"
)
_LOG = logging.getLogger(__name__)


def list_inputs(
    patterns: Sequence[str], endings: Sequence[str], *, own_output: str = "", not_text: Collection[str] = ()
) -> list[InputFile]:
    """The files that `patterns` name, each once, sorted by name; names are unique.

    The lists of `list_each_input`, joined into one.
    """
    files = [
        file for found in list_each_input(patterns, endings, own_output=own_output, not_text=not_text) for file in found
    ]
    return sorted(with_unique_names(files), key=lambda file: file.name)


def list_each_input(
    patterns: Sequence[str],
    endings: Sequence[str],
    *,
    own_output: str = "",
    not_text: Collection[str] = (),
    other_kinds: str = "",
) -> list[list[InputFile]]:
    """The files that each of `patterns` names, sorted by name; each file once over all patterns.

    A pattern is a file, a folder (all files below it) or a glob (`*`, `?`, `[...]`, `**` for any depth; a folder that
    it matches stands for the files below). A file may be found under several paths, because it is named twice or
    linked. It is then read under one of them: one without a symbolic link if there is one, of these the longest name,
    of these the first in the alphabet. So naming a file again, or adding a link inside an input, changes nothing.

    Every file below an input is either read or named in a warning, except markers such as `_SUCCESS`. These are passed
    over: files of other kinds, files in folders whose names begin with `.` or `_` (unless the pattern contains that
    name), pipes and other special files, and folders that hold the output of an earlier job.

    Args:
        patterns: as the user wrote them.
        endings: the endings of files that can be read, such as `.txt`; .gz, .bz2 or .zst may follow. With an empty
            ending, any file can be read.
        own_output: the folder that the job writes to; its files are passed over without a warning.
        not_text: the kinds of earlier outputs (`earlier_outputs.OUTPUT_KINDS`) to pass over.
        other_kinds: what to do with files of other kinds, for the message where there are no others.

    Raises:
        UserError: a pattern matches nothing that can be read, or names an earlier output as a whole.
    """
    found = [_find(pattern, endings, own_output, not_text, other_kinds) for pattern in patterns]
    best: dict[str, _Found] = {}
    for file in (file for listing in found for file in listing.read):
        known = best.get(file.matched.identity)
        if known is None or file.preference < known.preference:
            best[file.matched.identity] = file
    _warn(found, best)
    return [
        sorted(
            (file.to_input() for file in listing.read if file is best[file.matched.identity]),
            key=lambda file: (file.name, file.uri),
        )
        for listing in found
    ]


@dataclass(frozen=True, slots=True)
class _Found:
    matched: MatchedFile
    name: str

    @property
    def preference(self) -> tuple[bool, int, str, str]:
        return self.matched.linked, -len(self.name), self.name, self.matched.uri

    def to_input(self) -> InputFile:
        return InputFile(self.matched.uri, self.name, self.matched.size, self.matched.version)


@dataclass(frozen=True, slots=True)
class _Listing:
    """What one pattern found: files to read, files passed over by reason, and folders that link to others."""

    read: list[_Found]
    passed_over: dict[str, list[_Found]]
    linked_again: list[str]


_OTHER = "of other kinds passed over"
_HIDDEN = "in folders whose names begin with . or _ passed over, name such a folder by --input to read it"
_SPECIAL = "passed over, not regular"
_WRITTEN = "of earlier jobs or training runs passed over"


def _find(
    pattern: str, endings: Sequence[str], own_output: str, not_text: Collection[str], other_kinds: str
) -> _Listing:
    try:
        match = match_input(pattern)
    except Exception as error:  # each object store raises its own exceptions
        reason = " ".join(str(error).split()) or type(error).__name__
        raise UserError(f"--input {pattern} cannot be listed: {reason}; check the path and your permissions") from error
    own = absolute(own_output).rstrip("/") + "/" if own_output else None
    files = [file for file in match.files if own is None or not file.uri.startswith(own)]
    only_own = not files and bool(match.files)
    if not match.named_directly:
        files = _without_markers(files, match.root)
        if not_text and not (own and match.root.startswith(own)):
            _require_text(pattern, match.root, not_text)
    outputs = _earlier_outputs(files, match, not_text)
    # Only folders below the root can be hidden, and not those that the pattern itself names.
    shows_hidden = match.named_directly or re.search(r"/[._]", absolute(pattern)[len(match.root) - 1 :]) is not None
    read: list[_Found] = []
    passed_over: dict[str, list[_Found]] = {}
    for file in files:
        below_root = file.uri[len(match.root) :]
        reason = ""
        if not shows_hidden and _HIDDEN_FOLDER.search(below_root):
            reason = _HIDDEN
        elif _is_below(below_root, outputs):
            reason = _WRITTEN
        elif file.special:
            reason = _SPECIAL
        elif not can_be_read(file.uri, endings):
            reason = _OTHER
        (passed_over.setdefault(reason, []) if reason else read).append(_Found(file, name_below(match.root, file.uri)))
    if not read and not only_own:
        raise UserError(_nothing_found(pattern, passed_over, endings, other_kinds))
    return _Listing(read, passed_over, [name_below(match.root, folder) + "/" for folder in match.linked_again])


def _without_markers(files: Sequence[MatchedFile], root: str) -> list[MatchedFile]:
    uris = {file.uri for file in files}

    def of_macos(uri: str) -> bool:
        """Whether it is a `._a.txt` beside `a.txt`, where macOS keeps what other file systems cannot hold."""
        folder, _, base = uri.rpartition("/")
        return base.startswith("._") and f"{folder}/{base[2:]}" in uris

    return [file for file in files if not _MARKERS.search(file.uri[len(root) :]) and not of_macos(file.uri)]


def _require_text(pattern: str, root: str, not_text: Collection[str]) -> None:
    """Raise UserError if the folder that a pattern names is the output of an earlier job."""
    if absolute(pattern).rstrip("/") + "/" != root:
        return
    output = earlier_output(root)
    if output is not None and output.kind in not_text:
        half = "" if output.finished else "half of "
        raise UserError(
            f"--input {pattern} holds {half}the output of an earlier job ({output.kind}), not raw text; "
            "name the text it was made from"
        )


def _earlier_outputs(files: Sequence[MatchedFile], match: Match, not_text: Collection[str]) -> set[str]:
    if not not_text or match.named_directly:
        return set()
    outputs = earlier_outputs_among((file.uri[len(match.root) :] for file in files), match.root)
    for folder, output in outputs.items():
        if output.kind not in not_text and not output.finished:
            raise UserError(
                f"{match.root}{folder} holds an unfinished corpus; run the job that writes it again, "
                "it goes on from there, or remove that folder"
            )
    return {folder for folder, output in outputs.items() if output.kind in not_text}


def _is_below(name: str, folders: Collection[str]) -> bool:
    parts = name.split("/")[:-1] if folders else []
    return any("/".join(parts[: i + 1]) in folders for i in range(len(parts)))


def _warn(found: Sequence[_Listing], best: Mapping[str, _Found]) -> None:
    """Log one line for each reason why files were passed over, and one for the files that were found twice."""
    paths = Counter(file.matched.identity for listing in found for file in listing.read)
    twice = sorted(best[identity].name for identity, count in paths.items() if count > 1)
    twice += dict.fromkeys(folder for listing in found for folder in listing.linked_again)
    if twice:
        _LOG.warning("found more than once and read once: %s", first_names(twice))
    for reason in (_OTHER, _HIDDEN, _SPECIAL, _WRITTEN):
        files = (file for listing in found for file in listing.passed_over.get(reason, ()))
        names = {file.matched.identity: _described(file) for file in files if file.matched.identity not in best}
        if names:
            _LOG.warning("%s %s (%s)", count_files(list(names)), reason, first_names(sorted(names.values())))


def _described(file: _Found) -> str:
    return f"{file.name}, {file.matched.special}" if file.matched.special else file.name


def _nothing_found(
    pattern: str, passed_over: Mapping[str, Sequence[_Found]], endings: Sequence[str], other_kinds: str
) -> str:
    known = ", ".join(endings)
    if _OTHER in passed_over:
        name = passed_over[_OTHER][0].name
        return f"--input {pattern}: cannot read {name}; known are {known}, each plain or .gz, .bz2, .zst{other_kinds}"
    for reason, files in passed_over.items():
        if reason == _SPECIAL:
            return (
                f"--input {pattern}: {files[0].name} is {files[0].matched.special}, no regular file; "
                "a job may read its input more than once: save it as a file first"
            )
        remedy = "; name raw text, or for a vocabulary a folder of sentences itself" if reason == _WRITTEN else ""
        names = [file.name for file in files]
        return f"--input {pattern}: nothing to read, {count_files(names)} {reason} ({first_names(names)}){remedy}"
    if not is_remote(pattern) and os.path.isdir(absolute(pattern)):  # noqa: PTH112
        return f"--input {pattern} matches no file: it is an empty folder; name one that holds text"
    return f"--input {pattern} matches no file; check the path (known are {known}, each plain or .gz, .bz2, .zst)"
