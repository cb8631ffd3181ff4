"""Finds the vocabulary file of a model class, or fetches it once, checks it and keeps it."""

import contextlib
import hashlib
import os
import sys
from pathlib import Path

from beam_jobs.errors import UserError
from beam_jobs.storage.paths import is_remote, local_path, require_local
from beam_jobs.storage.whole_files import read_whole, whole_file
from vocab.model_class import ModelClass
from vocab.vocabulary import parse_vocabulary
from vocab.vocabulary_file import read_vocabulary

FILE_NAME = "vocab.txt"


def fetch_vocabulary(model_class: ModelClass, vocab_dir: str | Path = "") -> Path:
    """The path of the class's `vocab.txt` on this machine, its SHA-256 and number of pieces checked.

    It is looked for in this order: in `vocab_dir` (as `<name>/vocab.txt`, `<name>_vocab.txt`, `<name>-vocab.txt` or
    `vocab.txt`), at the class's own path if that is a local file, in the cache (`$XDG_CACHE_HOME/beambert` or
    `~/.cache/beambert`, as `<name>/vocab.txt`), and last at the class's URI. Then it is kept in `vocab_dir` if that is
    given, or else in the cache; another vocabulary there is kept under another name. If a class has no hash, only the
    number of pieces is checked, and stderr says so.

    Raises UserError if a file is another vocabulary, or if the URI cannot be reached; then it says which file to put
    where.
    """
    folder = require_local(str(vocab_dir), "--vocab_dir must be on a local disk; name a folder there")
    if vocab_dir:
        for path in _places(folder, model_class.name):
            if path.is_file():
                _check(path.read_bytes(), model_class, str(path))
                return path
    local = _local_path(model_class.vocab_uri)
    if local is not None:
        return _check_local(local, model_class)
    cached = cache_folder() / model_class.name / FILE_NAME
    if cached.is_file() and _is_whole(cached, model_class):
        return cached
    target = folder / model_class.name / FILE_NAME if vocab_dir else cached
    return _download(model_class, target)


def cache_folder() -> Path:
    """The folder for fetched vocabularies of this user."""
    base = os.environ.get("XDG_CACHE_HOME")
    try:
        return (Path(base) if base else Path.home() / ".cache") / "beambert"
    except RuntimeError:
        raise UserError("this user has no home to keep vocabularies in; set XDG_CACHE_HOME, or --vocab_dir") from None


def _places(folder: Path, name: str) -> list[Path]:
    return [folder / name / FILE_NAME, folder / f"{name}_vocab.txt", folder / f"{name}-vocab.txt", folder / FILE_NAME]


def _local_path(uri: str) -> Path | None:
    return None if not uri or is_remote(uri) else local_path(uri)


def _check_local(path: Path, model_class: ModelClass) -> Path:
    try:
        path.stat()
    except OSError as error:
        raise UserError(
            f"{path}: cannot read the vocabulary of model class {model_class.name}: {error.strerror}; "
            "correct its vocab_uri, or name a file with --vocab_file"
        ) from error
    _check(read_vocabulary(str(path)), model_class, str(path))
    return path


def _is_whole(path: Path, model_class: ModelClass) -> bool:
    """Whether the cached file is that of this class. A damaged one, or that of another class, is fetched again."""
    try:
        _check(path.read_bytes(), model_class, str(path), quiet=True)
    except (UserError, OSError):
        return False
    return True


def _download(model_class: ModelClass, target: Path) -> Path:
    uri = model_class.vocab_uri
    remedy = f"put the vocabulary at {target} by hand, or name a file with --vocab_file"
    if not uri:
        raise UserError(f"model class {model_class.name} has no vocab_uri; {remedy}")
    print(f"fetching the vocabulary of {model_class.name} from {uri}", file=sys.stderr)
    try:
        data = read_whole(uri)
    except OSError as error:
        raise UserError(f"cannot fetch {uri} ({error.strerror or error}); {remedy}") from error
    _check(data, model_class, uri)
    try:
        with whole_file(str(target)) as stream:
            stream.write(data)
            _keep_aside(target, data)
    except OSError as error:
        raise UserError(
            f"{target}: cannot write the vocabulary: {error.strerror}; name a folder that can be written with --vocab_dir"
        ) from error
    return target


def _keep_aside(target: Path, data: bytes) -> None:
    """Keep a file that will be replaced under another name, unless it is the same, since it may be the user's own."""
    with contextlib.suppress(FileNotFoundError):
        there = target.read_bytes()
        if there != data:
            aside = target.with_name(f"{FILE_NAME}.{hashlib.sha256(there).hexdigest()[:12]}")
            target.rename(aside)
            print(f"{target}: held another vocabulary, which is kept as {aside}", file=sys.stderr)


def _check(data: bytes, model_class: ModelClass, source: str, quiet: bool = False) -> None:
    digest = hashlib.sha256(data).hexdigest()
    expected = model_class.vocab_sha256
    if expected and digest != expected:
        raise UserError(
            f"{source}: not the vocabulary of model class {model_class.name}: SHA-256 is {digest[:16]}..., expected "
            f"{expected[:16]}...; put the right file there, or use this one as it is with --vocab_file"
        )
    size = len(parse_vocabulary(data, source))
    model_class.require_size(size, source)
    if not expected and not quiet:
        print(
            f"{source}: only its {size} pieces were checked, the class names no hash; SHA-256 {digest}", file=sys.stderr
        )
