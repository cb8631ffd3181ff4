"""One file of a job's input, with a name that does not depend on where the input lies."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from beam_jobs.inputs.splits import named_split
from beam_jobs.records import SPLITS
from beam_jobs.storage.decompress import compression_ending


@dataclass(frozen=True, slots=True)
class InputFile:
    """One file to read.

    `name` is the path below the fixed part of the pattern. So the name, and whatever follows from it, stays the same
    when the corpus moves to another folder. `size` is in bytes, as stored. `version` is what `storage.state` says of
    the file; it is empty if the content is checked in another way.
    """

    uri: str
    name: str
    size: int
    version: str = ""


def has_ending(name: str, ending: str) -> bool:
    """Whether a lower-case name has this ending, which may be a pattern such as `wiki_[0-9][0-9]`."""
    return fnmatchcase(name, f"*{ending}")


def can_be_read(name: str, endings: Iterable[str]) -> bool:
    """Whether a file name has one of these endings, after which that of a compression may follow."""
    plain = name.lower().removesuffix(compression_ending(name))
    return any(has_ending(plain, ending) for ending in endings)


def name_below(root: str, uri: str) -> str:
    """The name of a file below `root`, a folder with a slash at its end.

    If the root has the name of a split, it is part of the name. Bytes that are not UTF-8 are escaped (`\\xe9`), because
    names go into the ids of documents and into JSON.
    """
    above, _, folder = root.rstrip("/").rpartition("/")
    return _printable(uri[len(above) + 1 if folder in SPLITS or named_split(folder) else len(root) :])


def with_unique_names(files: Iterable[InputFile]) -> list[InputFile]:
    """The files with unique names: those of the same name, from two patterns, get the folders above them as well."""
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
