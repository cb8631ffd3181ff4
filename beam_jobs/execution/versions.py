"""The versions that a corpus was made with, for its statistics."""

import platform
from importlib.metadata import PackageNotFoundError, version

_PACKAGES = ("beambert", "apache-beam", "numpy", "numba", "pyarrow", "isal", "tokenizers")


def versions() -> dict[str, str]:
    """The versions of Python, which has the Unicode tables, and of the packages that decide the output."""
    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found
