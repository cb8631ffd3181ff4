"""Equal input and settings give the bytes they have always given: every difference from `golden_bytes.json` is a decision."""

import json
from pathlib import Path

import pytest

from beam_jobs.settings.objectives import OBJECTIVES
from tests.end_to_end.golden_bytes import BATCHES, COMPRESSOR, INSTANCES, LITERALS, golden_bytes

EXPECTED = json.loads(LITERALS.read_text())


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """The hashes of what the code of today writes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("golden"))
        return golden_bytes()


def _written_as_compressed(name: str) -> bool:
    return name.endswith(".gz")


@pytest.mark.parametrize("job", [name for name in EXPECTED if name != COMPRESSOR])
def test_the_same_files_with_the_same_content(made: dict[str, dict[str, str]], job: str) -> None:
    content = {name: hash for name, hash in made[job].items() if not _written_as_compressed(name)}
    assert content == {name: hash for name, hash in EXPECTED[job].items() if not _written_as_compressed(name)}


def test_compressed_files_byte_for_byte(made: dict[str, dict[str, str]]) -> None:
    if made[COMPRESSOR] != EXPECTED[COMPRESSOR]:
        pytest.skip("ISA-L compresses otherwise here: another version than the lock's, or another kind of processor")
    for job, files in EXPECTED.items():
        written = {name: hash for name, hash in files.items() if _written_as_compressed(name)}
        assert written == {name: hash for name, hash in made[job].items() if _written_as_compressed(name)}


def test_every_job_objective_and_way_of_masking_is_there() -> None:
    settings = [*INSTANCES.values()]
    assert {one.get("objective", "nsp") for one in settings} == set(OBJECTIVES)
    assert {one.get("masking", "whole_word") for one in settings} == {
        "whole_word",
        "wordpiece",
        "span",
        "ngram",
        "dynamic",
    }
    names = {
        *(f"instances/{name}" for name in INSTANCES),
        *(f"batches/{name}" for name in BATCHES),
        *("vocabulary/cased", "vocabulary/uncased", "segment/nfc", "segment/as it is", "segment/pairs", COMPRESSOR),
    }
    assert set(EXPECTED) == names
    for name in INSTANCES:
        shards = {Path(file).name.partition(".")[0] for file in EXPECTED[f"instances/{name}"] if "tfrecord" in file}
        assert len(shards) > 2
