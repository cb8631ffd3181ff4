"""Files that outlive a version: the number of their format, and how a version reads what another version wrote.

Every JSON file that one launch writes and a later one reads carries a whole number, `format`. The constant with the newest
number stands beside the code that writes the file. What older versions can do without is added as a new key, under the
same number: readers pass over keys that they do not know. A change that older versions would misunderstand raises the
number: they refuse the file and ask for an update. A file without a number has format 1.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

from beam_jobs.errors import UserError

FORMAT = "format"
"""The key of the number."""


def require_known_format(content: Mapping[str, Any], newest: int, path: str, key: str = FORMAT) -> None:
    """Check the number in the content of the file at `path` before anything else of it is used.

    Raises:
        UserError: the number is above `newest`, the newest format that this version reads.
        ValueError: it is no whole number above 0, so no version wrote the file.
    """
    number = content.get(key, 1)
    if type(number) is not int or number < 1:
        raise ValueError(f"its {key} is {number!r}, not a whole number above 0")
    if number > newest:
        name = key.replace("_", " ")
        raise UserError(
            f"{path}: its {name} is {number}, but this version of beambert reads no {name} above {newest}; update beambert"
        )


def known_fields(of: type[Any], content: Mapping[str, Any]) -> dict[str, Any]:
    """The entries of `content` that the dataclass `of` has fields for; the others were added by a newer version."""
    names = {field.name for field in dataclasses.fields(of)}
    return {name: value for name, value in content.items() if name in names}
