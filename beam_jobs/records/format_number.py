"""The format numbers of files, so that a version can read the files of other versions.

Every JSON file that one launch writes and a later one reads has a whole number, `format`. The constant with the newest
number is beside the code that writes the file. A new key that older versions do not need is added under the same
number, because readers ignore unknown keys. A change that older versions would misunderstand raises the number, so that
they refuse the file and ask for an update. A file without a number has format 1.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

from beam_jobs.errors import UserError

FORMAT = "format"
"""The key of the number."""


def require_known_format(content: Mapping[str, Any], newest: int, path: str, key: str = FORMAT) -> None:
    """Check the number in the content of the file at `path`, before anything else of the content is used.

    Raises:
        UserError: the number is above `newest`, the newest format that this version reads.
        ValueError: the number is not a whole number above 0, so no version wrote the file.
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
    """The entries of `content` that are fields of the dataclass `of`. A newer version added the others."""
    names = {field.name for field in dataclasses.fields(of)}
    return {name: value for name, value in content.items() if name in names}
