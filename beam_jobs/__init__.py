"""Beam jobs that turn raw text of any size into BERT pretraining corpora.

For Python programs (`import beam_jobs` loads neither Beam nor numba; each name is loaded when it is used):

    beam_jobs.segment("Hun kom kl. 9. Så gikk hun.", "nb")     # ['Hun kom kl. 9.', 'Så gikk hun.']
    beam_jobs.Tokenizer("vocab.txt")("Hun kom.")               # its WordPiece pieces
    beam_jobs.run(beam_jobs.SegmentSettings(input=("raw",), output="sentences"))
    for instance in beam_jobs.read_instances("instances"): ...

As on the command line, a user's mistake is a `UserError` with a message of one line.
"""

import hashlib
import importlib
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from beam_jobs.api.read_instances import DecodedInstance as DecodedInstance
    from beam_jobs.api.read_instances import read_instances as read_instances
    from beam_jobs.api.run import JobResult as JobResult
    from beam_jobs.api.run import run as run
    from beam_jobs.api.run import run_corpus as run_corpus
    from beam_jobs.api.tokenizer import Tokenizer as Tokenizer
    from beam_jobs.errors import UserError as UserError
    from beam_jobs.settings import EmbedSettings as EmbedSettings
    from beam_jobs.settings import InstanceSettings as InstanceSettings
    from beam_jobs.settings import SegmentSettings as SegmentSettings
    from beam_jobs.settings import VocabularySettings as VocabularySettings
    from beam_jobs.text.segment import segment as segment

_HOMES = {
    "DecodedInstance": "beam_jobs.api.read_instances",
    "EmbedSettings": "beam_jobs.settings",
    "InstanceSettings": "beam_jobs.settings",
    "JobResult": "beam_jobs.api.run",
    "SegmentSettings": "beam_jobs.settings",
    "Tokenizer": "beam_jobs.api.tokenizer",
    "UserError": "beam_jobs.errors",
    "VocabularySettings": "beam_jobs.settings",
    "read_instances": "beam_jobs.api.read_instances",
    "run": "beam_jobs.api.run",
    "run_corpus": "beam_jobs.api.run",
    "segment": "beam_jobs.text.segment",
}
"""The modules of the names that this package offers; the same names are imported above for type checkers."""

PACKAGES = ("beam_jobs", "vocab", "trainer")


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(importlib.import_module(_HOMES[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})


def _keep_compiled_kernels_by_source() -> None:
    """Let numba keep compiled kernels in a folder that is named by a hash of all sources.

    numba itself checks only the file of a kernel, not the files of the functions and constants that the kernel uses.
    After a change of one of those it would run the old code. So the hash covers every source file of the packages. If
    the folder of this package cannot be written to, the user's cache is used.
    """
    if "NUMBA_CACHE_DIR" in os.environ:
        return
    package = Path(__file__).parent
    sources = sorted(source for name in PACKAGES for source in (package.parent / name).rglob("*.py"))
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:16]
    cache = package / "__pycache__"
    if not os.access(cache if cache.exists() else package, os.W_OK):
        cache = _user_cache()
    os.environ["NUMBA_CACHE_DIR"] = str(cache / f"kernels-{digest}")
    if "numba" in sys.modules:
        sys.modules["numba"].config.reload_config()


def _user_cache() -> Path:
    try:
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "beambert"
    except RuntimeError:  # a user may have no home, as in some containers; then every process compiles
        return Path(tempfile.mkdtemp(prefix="beambert-"))


_keep_compiled_kernels_by_source()
