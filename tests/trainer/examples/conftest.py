"""What the tests of labelled examples share: files written in one line, and tokenizers that spell words."""

import json
import string
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from trainer.examples.text_pieces import TextPieces, text_pieces
from trainer.export.tokenizer_files import TokenizerSettings
from vocab.vocabulary import SPECIAL_PIECES, Vocabulary, parse_vocabulary

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


@pytest.fixture(scope="session")
def letters() -> Vocabulary:
    """A vocabulary of letters and punctuation: a word has as many pieces as letters."""
    pieces = [*SPECIAL_PIECES, *string.punctuation, "å"]
    pieces += [f"{before}{letter}" for letter in string.ascii_letters + string.digits for before in ("", "##")]
    return parse_vocabulary("\n".join(pieces).encode(), "vocab.txt")


@pytest.fixture(scope="session")
def cased(letters: Vocabulary) -> TextPieces:
    """Spells words, in capitals and small letters."""
    return text_pieces(letters, TokenizerSettings(lower_case=False))


@pytest.fixture(scope="session")
def uncased(letters: Vocabulary) -> TextPieces:
    """Spells words without capitals and accents."""
    return text_pieces(letters, TokenizerSettings(lower_case=True))
