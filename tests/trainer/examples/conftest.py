"""What the tests of labelled examples share: files written in one line."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

WRITE = Callable[[str, Any], str]


@pytest.fixture
def write(tmp_path: Path) -> WRITE:
    """A function that writes bytes, text, or one JSON object a line, and gives the path as the user would name it."""

    def to(name: str, content: Any) -> str:
        path = tmp_path / name
        if isinstance(content, list):
            content = "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in content)
        elif isinstance(content, dict):
            content = json.dumps(content, ensure_ascii=False)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    return to
