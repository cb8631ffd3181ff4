import json

import numpy as np
import pyarrow.parquet as pq
import pytest

from beam_jobs.errors import UserError
from trainer.embeddings.embedder import TextVectors
from trainer.embeddings.rows import Unit
from trainer.embeddings.writers import require_writable, write_vectors

VECTORS = np.random.default_rng(0).standard_normal((3, 4)).astype(np.float32)
UNITS = (Unit("the", 0, 3), Unit("trees", 4, 9))
TEXTS = [TextVectors(vector[None], (), 5, cut) for vector, cut in zip(VECTORS, (0, 2, 0), strict=True)]
WORDS = [TextVectors(VECTORS[:2], UNITS, 5, 0), TextVectors(VECTORS[:0], (), 2, 0)]


def written(path, texts, per):
    write_vectors(str(path), [f"i{n}" for n in range(len(texts))], iter(texts), 4, per)
    if path.suffix == ".parquet":
        return pq.read_table(path).to_pylist()
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_matrix(tmp_path):
    write_vectors(str(tmp_path / "x.npy"), ["a", "b", "c"], iter(TEXTS), 4, "text")
    found = np.load(tmp_path / "x.npy")
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, VECTORS)


@pytest.mark.parametrize("ending", [".parquet", ".jsonl"])
def test_a_row_for_each_text(tmp_path, ending):
    rows = written(tmp_path / f"x{ending}", TEXTS, "text")
    assert [(row["id"], row["length"], row["cut"]) for row in rows] == [("i0", 5, 0), ("i1", 5, 2), ("i2", 5, 0)]
    np.testing.assert_array_equal(np.array([row["vector"] for row in rows], np.float32), VECTORS)


@pytest.mark.parametrize("per", ["word", "piece"])
@pytest.mark.parametrize("ending", [".parquet", ".jsonl"])
def test_words_and_pieces_in_the_row_of_their_text(tmp_path, ending, per):
    first, empty = written(tmp_path / f"x{ending}", WORDS, per)
    assert [(unit[per], unit["start"], unit["end"]) for unit in first[f"{per}s"]] == [("the", 0, 3), ("trees", 4, 9)]
    np.testing.assert_array_equal(np.array([u["vector"] for u in first[f"{per}s"]], np.float32), VECTORS[:2])
    assert empty == {"id": "i1", "length": 2, "cut": 0, f"{per}s": []}


def test_many_rows_are_all_there(tmp_path):
    rows = written(tmp_path / "x.parquet", TEXTS * 1400, "text")
    assert [row["id"] for row in rows] == [f"i{number}" for number in range(4200)]
    assert pq.ParquetFile(tmp_path / "x.parquet").num_row_groups == 2


@pytest.mark.parametrize(
    ("output", "per", "said"),
    [
        ("x.csv", "text", "its ending tells no format; name a file in .parquet, .jsonl, .npy"),
        ("x.jsonl.gz", "text", "its ending tells no format"),
        ("x.npy", "word", "a .npy file cannot say which word a vector is of; name a .parquet or .jsonl file"),
    ],
)
def test_other_files_are_refused(output, per, said):
    with pytest.raises(UserError, match=said):
        require_writable(output, per)


def test_an_output_that_cannot_be_written_is_one_line_and_a_failure_leaves_none(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError) as error:
        write_vectors(str(tmp_path / "file" / "x.npy"), ["a"], iter(TEXTS[:1]), 4, "text")
    assert "\n" not in str(error.value)

    def broken():
        yield TEXTS[0]
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError):
        write_vectors(str(tmp_path / "y.parquet"), ["a", "b"], broken(), 4, "text")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file"]
