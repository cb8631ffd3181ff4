"""A compiled kernel is never run from a cache that was made of other sources, wherever these sources lie."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent.parent / "beam_jobs"
KERNEL = """
import numba

from vocab.limits import LIMIT

@numba.njit(cache=True)
def limit():
    return LIMIT
"""
RUN = """
import os
import beam_jobs
from {module} import limit
print(limit(), len(limit.stats.cache_hits), os.environ["NUMBA_CACHE_DIR"])
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The package as it begins, and a kernel in a new folder of each half; it uses a constant of a third package."""
    (tmp_path / "beam_jobs" / "new_folder").mkdir(parents=True)
    (tmp_path / "trainer" / "new_folder").mkdir(parents=True)
    (tmp_path / "vocab").mkdir()
    shutil.copy(PACKAGE / "__init__.py", tmp_path / "beam_jobs")
    for half in ("beam_jobs", "trainer"):
        (tmp_path / half / "new_folder" / "kernel.py").write_text(KERNEL)
    (tmp_path / "vocab" / "limits.py").write_text("LIMIT = 1\n")
    return tmp_path


def run(tree: Path, half: str = "beam_jobs", **environment: str) -> tuple[int, int, str]:
    """What the kernel returns in a new process, how often it came from the cache, and where the cache is."""
    inherited = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"}
    done = subprocess.run(
        [sys.executable, "-c", RUN.format(module=f"{half}.new_folder.kernel")],
        env={**inherited, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1", **environment},
        cwd=tree,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    result, hits, folder = done.stdout.split()
    return int(result), int(hits), folder


@pytest.mark.parametrize("half", ["beam_jobs", "trainer"])
def test_a_changed_source_compiles_every_kernel_anew(tree: Path, half: str) -> None:
    result, hits, folder = run(tree, half)
    assert (result, hits) == (1, 0)
    assert Path(folder).parent == tree / "beam_jobs" / "__pycache__"
    assert run(tree, half) == (1, 1, folder)  # unchanged: from the cache
    (tree / "vocab" / "limits.py").write_text("LIMIT = 2\n")
    result, hits, other = run(tree, half)
    assert (result, hits) == (2, 0)
    assert other != folder


def test_numba_alone_would_run_the_old_kernel(tree: Path) -> None:
    fixed = {"NUMBA_CACHE_DIR": str(tree / "fixed")}
    assert run(tree, **fixed)[0] == 1
    (tree / "vocab" / "limits.py").write_text("LIMIT = 2\n")
    assert run(tree, **fixed)[0] == 1  # if this is 2, numba looks at constants now and our folder is not needed


def test_a_source_in_a_new_folder_counts(tree: Path) -> None:
    folders = {run(tree)[2]}
    for new in ("beam_jobs/another/a.py", "trainer/another/deeper/b.py", "vocab/another/c.py"):
        path = tree / new
        path.parent.mkdir(parents=True)
        path.write_text("A = 1\n")
        folders.add(run(tree)[2])
    assert len(folders) == 4
    (tree / "vocab" / "words.txt").write_text("no source")
    assert run(tree)[2] in folders


def test_the_users_cache_serves_where_the_package_cannot_be_written_to(tree: Path) -> None:
    (tree / "sitecustomize.py").write_text("import os\nos.access = lambda path, mode: False\n")
    result, _, folder = run(tree, XDG_CACHE_HOME=str(tree / "mine"))
    assert result == 1
    assert Path(folder).parent == tree / "mine" / "beambert"
    assert any(Path(folder).rglob("*.nbi"))
