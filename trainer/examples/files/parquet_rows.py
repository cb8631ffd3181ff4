"""Reads .parquet files, of any compression, with the names of classes that Hugging Face `datasets` keeps in them."""

import io
import json
from collections.abc import Mapping
from typing import Any

from beam_jobs.errors import UserError
from trainer.examples.files.lines import read_decompressed
from trainer.examples.files.table import Table


def read_parquet_rows(uri: str) -> Table:
    """All rows of a file, from 1. Raises UserError for a file that is not Parquet, is damaged, or has no rows."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    data, remarks = read_decompressed(uri)
    try:
        table = pq.ParquetFile(io.BytesIO(data)).read(use_threads=False)
        twice = next((name for name in table.column_names if table.column_names.count(name) > 1), None)
        if twice is not None:
            raise UserError(f"{uri}: has several columns {twice}; rename all but one")
        records = table.to_pylist()
    except (pa.ArrowException, OSError) as error:
        reason = str(error).split("\n")[0]
        raise UserError(f"{uri}: is no readable Parquet file ({reason}); fetch or write it again") from None
    except UnicodeDecodeError:
        raise UserError(f"{uri}: a column holds text that is not UTF-8; write the file again") from None
    if not records:
        raise UserError(f"{uri}: has no rows; name a file with examples")
    names = _class_names(table.schema.metadata or {})
    return Table(uri, tuple(table.column_names), list(enumerate(records, 1)), remarks, names)


def _class_names(metadata: Mapping[bytes, bytes]) -> dict[str, tuple[str, ...]]:
    """The names of ClassLabel columns, and of columns with lists of them; none if the metadata is not understood."""
    try:
        features = json.loads(metadata.get(b"huggingface", b"{}"))["info"]["features"]
    except (ValueError, KeyError, TypeError):
        return {}
    found = {}
    for column, feature in features.items() if isinstance(features, dict) else ():
        names = _names_in(feature)
        if names:
            found[column] = names
    return found


def _names_in(feature: Any) -> tuple[str, ...]:
    if isinstance(feature, list) and len(feature) == 1:  # the older form of a list
        return _names_in(feature[0])
    if not isinstance(feature, dict):
        return ()
    if feature.get("_type") == "ClassLabel" and isinstance(feature.get("names"), list):
        return tuple(map(str, feature["names"]))
    return _names_in(feature.get("feature"))
