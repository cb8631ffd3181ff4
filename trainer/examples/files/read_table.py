"""Reads the rows of a file by its ending."""

from collections.abc import Callable, Mapping
from functools import partial

from trainer.examples.files.delimited_rows import read_delimited
from trainer.examples.files.json_rows import read_json_lines, read_json_rows
from trainer.examples.files.lines import ending_of, unknown_ending
from trainer.examples.files.parquet_rows import read_parquet_rows
from trainer.examples.files.table import Table

_READERS: Mapping[str, Callable[[str], Table]] = {
    ".jsonl": read_json_lines,
    ".ndjson": read_json_lines,
    ".json": read_json_rows,
    ".tsv": partial(read_delimited, tabs=True),
    ".csv": partial(read_delimited, tabs=False),
    ".parquet": read_parquet_rows,
}
TABLE_ENDINGS = tuple(_READERS)


def read_table(uri: str) -> Table:
    """The rows of a file: a local path, or any URI that the storage layer knows; compressed or not.

    Raises UserError for an ending that is not known, and for everything that the reader of the format refuses.
    """
    reader = _READERS.get(ending_of(uri))
    if reader is None:
        raise unknown_ending(uri, TABLE_ENDINGS)
    return reader(uri)
