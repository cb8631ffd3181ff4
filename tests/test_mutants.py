"""The tables of mistakes in tests/mutants fit the code: each can be put in, and the tests that should notice it exist."""

import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MUTANTS = [
    mutant
    for path in sorted((ROOT / "tests/mutants").glob("*.toml"))
    for mutant in tomllib.loads(path.read_text(encoding="utf-8"))["mutant"]
]


def test_there_are_a_hundred_from_nearly_every_package():
    assert len(MUTANTS) >= 100
    folders = {mutant["file"].rpartition("/")[0] for mutant in MUTANTS}
    assert len(folders) >= 25


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: f"{mutant['file']}: {mutant['becomes']}")
def test_the_text_occurs_once_and_the_tests_are_there(mutant):
    assert (ROOT / mutant["file"]).read_text(encoding="utf-8").count(mutant["text"]) == 1
    assert mutant["becomes"] != mutant["text"]
    assert mutant["tests"]
    assert all((ROOT / test.partition("::")[0]).exists() for test in mutant["tests"])
