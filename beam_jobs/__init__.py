"""Beam jobs that turn raw text of any size into BERT pretraining corpora."""

import hashlib
import os
import sys
import tempfile
from pathlib import Path

PACKAGES = ("beam_jobs", "vocab", "trainer")


def _keep_compiled_kernels_by_source() -> None:
    """Let numba keep compiled kernels in a folder named by a hash of all sources that may be compiled into them.

    numba itself looks only at the file of the kernel, not at those of the functions and constants it uses: after an
    update of one of those it would go on with the old code. So every source file of ours counts, wherever a kernel may
    lie. Where this package lies in a folder that cannot be written to, the user's cache serves.
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
    except RuntimeError:  # a user without a home, as in some containers: compiled anew in every process
        return Path(tempfile.mkdtemp(prefix="beambert-"))


_keep_compiled_kernels_by_source()
