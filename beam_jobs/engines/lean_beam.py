"""Keeps Beam from loading the optional packages that it finds installed and no job uses.

`import apache_beam` loads pandas, pymongo, the clients of Google's and Amazon's services and more, wherever they are
installed: a second of CPU and 120 MB in every process. Beam itself does without each of them. So they are hidden from it, but
only while it is loaded: what needs one of them later (`storage/clients.py` for an object store, a Parquet file) finds it.
"""

import importlib.util
import sys
from collections.abc import Collection, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

_BEAM = "apache_beam"
_DATAFLOW = "google.cloud.dataflow"
_UNUSED = (
    "apitools",
    "pandas",
    "pyarrow",
    "pymongo",
    "apache_beam.io.aws.s3filesystem",
    "apache_beam.io.azure.blobstoragefilesystem",
    "apache_beam.io.gcp.bigquery",
    "apache_beam.io.gcp.gcsfilesystem",
    "apache_beam.io.hadoopfilesystem",
)
MISSED = ("apitools not found", "Could not find a compatible bson package")
"""What Beam logs about packages that are hidden or not installed; nobody needs to read it."""


def load_beam_lean(arguments: Sequence[str] = ()) -> None:
    """Let the next `import apache_beam` of this process load only what the jobs use. Call it in processes of our own.

    Args:
        arguments: the command line. If it names Dataflow, Beam's runner for it is loaded with its clients.
    """
    dataflow = any("dataflow" in argument.lower() for argument in arguments)
    sys.meta_path.insert(0, _BeamFinder([*_UNUSED, *([] if dataflow else [_DATAFLOW])]))


class _BeamFinder(MetaPathFinder):
    """Finds Beam once, with a loader that hides modules from it."""

    def __init__(self, hidden: Collection[str]) -> None:
        self._hidden = hidden

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != _BEAM:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(fullname)
        if spec is not None and spec.loader is not None:
            spec.loader = _LeanLoader(spec.loader, self._hidden)
        return spec


class _LeanLoader(Loader):
    """Runs a module's own loader while some modules cannot be found."""

    def __init__(self, loader: Loader, hidden: Collection[str]) -> None:
        self._loader, self._hidden = loader, hidden

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        if module.__spec__ is not None:
            module.__spec__.loader = module.__loader__ = self._loader  # as it would be without us
        finder = _Hiding(self._hidden)
        sys.meta_path.insert(0, finder)
        try:
            self._loader.exec_module(module)
        finally:
            sys.meta_path.remove(finder)


class _Hiding(MetaPathFinder):
    """Says of some modules that they are not installed."""

    def __init__(self, hidden: Collection[str]) -> None:
        self._hidden = frozenset(hidden)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname in self._hidden:
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)
        return None
