"""One file of a job's input, and the name that it goes by wherever the input lies."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from beam_jobs.inputs.splits import named_split
from beam_jobs.records import SPLITS


@dataclass(frozen=True, slots=True)
class InputFile:
    """One file to read. `name` is its path from the fixed part of the pattern on, so that it, and all that is derived
    from it, stays the same when a corpus moves to another folder; `size` is in bytes, as stored. `version` is what
    `storage.state` says of it; empty where something else vouches for the content."""

    uri: str
    name: str
    size: int
    version: str = ""


def has_ending(name: str, ending: str) -> bool:
    """Whether a name in lower case ends so; an ending may be a pattern, such as `wiki_[0-9][0-9]`."""
    return fnmatchcase(name, f"*{ending}")


def name_below(root: str, uri: str) -> str:
    """The name of a file below `root`, a folder with a slash at its end.

    A root that is called as a split is part of the name. Bytes that are not UTF-8 are spelt out (`\\xe9`), since names go
    into the ids of documents and into JSON.
    """
    above, _, folder = root.rstrip("/").rpartition("/")
    return _printable(uri[len(above) + 1 if folder in SPLITS or named_split(folder) else len(root) :])


def with_unique_names(files: Iterable[InputFile]) -> list[InputFile]:
    """Files of the same name, from two patterns, are told apart by the folders above them."""
    result = list(files)
    while True:
        count = Counter(file.name for file in result)
        longer = [_longer(file) if count[file.name] > 1 else file for file in result]
        if longer == result:
            return result
        result = longer


def _longer(file: InputFile) -> InputFile:
    parts = file.uri.split("/")
    return replace(file, name=_printable("/".join(parts[-(file.name.count("/") + 2) :])))


def _printable(path: str) -> str:
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
