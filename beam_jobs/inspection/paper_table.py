"""`inspect --table`: the counts of finished corpora as tables for a paper, on standard output."""

from collections.abc import Sequence

from beam_jobs import storage
from beam_jobs.errors import UserError
from beam_jobs.records import STATS_NAME, stats_from_json
from beam_jobs.records.stats_table import latex_table, markdown_table, stats_table
from beam_jobs.storage.retries import retried

_FORMS = {"markdown": markdown_table, "latex": latex_table}
_PARTS = ("instances", "sentences")


def print_tables(folders: Sequence[str], form: str) -> int:
    """Print a table for each folder, in the form `markdown` or `latex`. Returns 0.

    Raises UserError if a folder holds no finished corpus, with the names of those in it.
    """
    tables = [_FORMS[form](stats_table(_read(folder))) for folder in folders]
    print("\n\n".join(tables))
    return 0


def _read(folder: str) -> dict[str, object]:
    uri = storage.join(folder, STATS_NAME)
    content = _content(uri)
    if content is None:
        parts = [storage.join(folder, part) for part in _PARTS]
        there = [part for part in parts if _content(storage.join(part, STATS_NAME)) is not None]
        remedy = f"name {' or '.join(there)}" if there else "name the --output of a job that has finished"
        raise UserError(f"{folder}: has no {STATS_NAME}, which --table reads; {remedy}")
    try:
        return stats_from_json(content.decode("utf-8"), uri)
    except ValueError as error:
        raise UserError(f"{uri}: cannot be read ({error}); run the job again, or copy the folder whole") from error


def _content(uri: str) -> bytes | None:
    return retried(lambda: storage.read_if_there(uri))
