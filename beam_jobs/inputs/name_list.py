"""Names of files, shortened to fit into one line of a message."""

from collections.abc import Sequence

_SHOWN = 10


def count_files(names: Sequence[str]) -> str:
    """`1 file` or `1,234 files`."""
    return "1 file" if len(names) == 1 else f"{len(names):,} files"


def first_names(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    return ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else "")
