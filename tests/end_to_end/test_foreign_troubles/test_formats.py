"""Formats in which others publish text, read as they are."""

import json
from pathlib import Path

import pytest

from beam_jobs.__main__ import main

Capture = pytest.CaptureFixture[str]


def test_the_files_of_wikiextractor_are_read(tmp_path: Path, capsys: Capture) -> None:
    """Everybody who starts from a Wikipedia dump has folders of wiki_00 to wiki_99 without an ending."""
    for folder in ("AA", "AB"):
        (tmp_path / "in" / folder).mkdir(parents=True)
        for number in range(3):
            text = "".join(
                f'<doc id="{folder}{number}{i}" url="https://x" title="T{i}">\nT{i}\n\nDet er &lt;{i}&gt;.\n\n</doc>\n'
                for i in range(50)
            )
            (tmp_path / "in" / folder / f"wiki_{number:02}").write_text(text)
    assert main(["segment", "--input", str(tmp_path / "in"), "--output", str(tmp_path / "out")]) == 0
    stats = json.loads((tmp_path / "out" / "corpus_stats.json").read_text())
    assert (stats["documents"], stats["num_rejected"]) == (300, 0)
    text = "".join(path.read_text() for path in (tmp_path / "out").glob("sentences-*.txt"))
    assert "<doc" not in text
    assert text.count("T7\nDet er <7>.\n\n") == 6
