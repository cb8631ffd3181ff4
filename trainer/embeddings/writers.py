"""Writes vectors as .parquet, .jsonl or .npy: anywhere, whole or not at all, a row for each text in the order of the input."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from beam_jobs import storage
from beam_jobs.errors import UserError
from trainer.embeddings.embedder import TextVectors
from trainer.embeddings.settings import TEXT
from trainer.examples.files.lines import ending_of

NPY, JSONL, PARQUET = ".npy", ".jsonl", ".parquet"

_VECTORS_AT_ONCE = 4096  # of a row group; the last text of a group may have more

Row = tuple[str, TextVectors]
_Write = Callable[[BinaryIO, Iterable[Row], int, int, str], None]


def require_writable(output: str, per: str) -> None:
    """Raise UserError for a file whose ending tells no format, or whose format has no place for words or pieces."""
    if ending_of(output) not in _WRITERS or not output.lower().endswith(ending_of(output)):
        raise UserError(f"--output {output}: its ending tells no format; name a file in {', '.join(_WRITERS)}")
    if ending_of(output) == NPY and per != TEXT:
        raise UserError(
            f"--output {output}: a .npy file cannot say which {per} a vector is of; name a {PARQUET} or {JSONL} file"
        )


def write_vectors(output: str, ids: Sequence[str], texts: Iterable[TextVectors], width: int, per: str) -> None:
    """Write a row for each text: id, pieces that were read (`length`), pieces that were not (`cut`), and its vectors.

    Args:
        output: a path or URI that ends in .parquet, .jsonl or .npy; a .npy file is a float32 matrix [texts, width].
        ids: the id of each text.
        texts: the vectors of each text, in the order of `ids`.
        width: of a vector.
        per: "text" (`vector`), "word" (`words`) or "piece" (`pieces`); words and pieces are lists, with their characters.

    Raises UserError as `require_writable` does, and if the file cannot be written.
    """
    require_writable(output, per)
    try:
        with storage.atomic_writer(output) as stream:
            _WRITERS[ending_of(output)](stream, zip(ids, texts, strict=True), len(ids), width, per)
    except OSError as error:
        raise UserError(f"{output}: cannot be written to ({error.strerror or error}); name another") from error


def _write_npy(stream: BinaryIO, rows: Iterable[Row], count: int, width: int, per: str) -> None:
    header = {"descr": "<f4", "fortran_order": False, "shape": (count, width)}
    np.lib.format.write_array_header_1_0(stream, header)
    for _, text in rows:
        stream.write(np.ascontiguousarray(text.vectors[0], "<f4").tobytes())


def _write_jsonl(stream: BinaryIO, rows: Iterable[Row], count: int, width: int, per: str) -> None:
    for id, text in rows:
        content = _content(id, text, per, [[float(f"{x:.9g}") for x in vector.tolist()] for vector in text.vectors])
        stream.write((json.dumps(content, ensure_ascii=False) + "\n").encode("utf-8", "backslashreplace"))


def _write_parquet(stream: BinaryIO, rows: Iterable[Row], count: int, width: int, per: str) -> None:
    write_parquet(stream, rows, width, per)


def write_parquet(stream: BinaryIO, rows: Iterable[Row], width: int, per: str) -> None:
    """Write a Parquet table with a row for each (id, vectors), in order; some thousand vectors are in memory at a time.

    `width` and `per` are as for `write_vectors`.
    """
    schema = _schema(width, per)
    with pq.ParquetWriter(stream, schema, compression="zstd") as writer:
        for some in _parts(rows):
            found = [_content(id, text, per, list(text.vectors)) for id, text in some]
            writer.write_table(pa.Table.from_pylist(found, schema=schema))


def _content(id: str, text: TextVectors, per: str, vectors: Sequence[Any]) -> dict[str, Any]:
    row: dict[str, Any] = {"id": id, "length": text.length, "cut": text.cut}
    if per == TEXT:
        return {**row, "vector": vectors[0]}
    row[f"{per}s"] = [
        {per: unit.text, "start": unit.start, "end": unit.end, "vector": vector}
        for unit, vector in zip(text.units, vectors, strict=True)
    ]
    return row


def _schema(width: int, per: str) -> pa.Schema:
    vector = pa.list_(pa.float32(), width)
    head = [("id", pa.string()), ("length", pa.int32()), ("cut", pa.int32())]
    if per == TEXT:
        return pa.schema([*head, ("vector", vector)])
    unit = pa.struct([(per, pa.string()), ("start", pa.int32()), ("end", pa.int32()), ("vector", vector)])
    return pa.schema([*head, (f"{per}s", pa.list_(unit))])


def _parts(rows: Iterable[Row]) -> Iterator[list[Row]]:
    some: list[Row] = []
    count = 0
    for row in rows:
        some.append(row)
        count += max(1, len(row[1].vectors))
        if count >= _VECTORS_AT_ONCE:
            yield some
            some, count = [], 0
    if some:
        yield some


_WRITERS: dict[str, _Write] = {PARQUET: _write_parquet, JSONL: _write_jsonl, NPY: _write_npy}
