"""The text of the most frequent lines, so that users see what leaves."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from beam_jobs import storage
from beam_jobs.execution.run_once import ItemRow
from beam_jobs.jobs.segment.duplicate_rounds.plan import RoundPlan, read_plan_of_rounds
from beam_jobs.jobs.segment.key_files.document_rank import SPLITS_BY_RANK
from beam_jobs.jobs.segment.key_files.parts import read_exactly
from beam_jobs.jobs.segment.key_files.section_facts import read_facts
from beam_jobs.jobs.segment.key_files.section_lines import read_lines
from beam_jobs.jobs.segment.line_rounds import plan as line_plan

_SHOWN_CHARACTERS = 100
_MOST_BYTES = 4  # of a character


def texts_of_forms(forms: Sequence[Sequence[int]], range_rows: Iterable[ItemRow], output: str) -> list[list[str | int]]:
    """The beginning of each line and the documents that it stands in, for a few `forms`: documents, key, one of the documents."""
    plan = read_plan_of_rounds(output, line_plan.STEP)
    sections = [int(np.searchsorted(plan.begins, document, side="right")) - 1 for _, _, document in forms]
    wanted = {int(plan.ranges[section]) for section in sections}
    rows = {row["index"]: row for row in range_rows if row["index"] in wanted}
    return [
        [_text(plan, section, document, key, rows[int(plan.ranges[section])], output), documents]
        for section, (documents, key, document) in zip(sections, forms, strict=True)
    ]


def _text(plan: RoundPlan, section: int, document: int, key: int, row: dict[str, Any], output: str) -> str:
    uri, place = plan.key_file(section, output), document - int(plan.begins[section])
    offset = int(plan.offsets[section])
    fact = read_facts(uri, offset, plan.bands).table[place]
    lines = read_lines(uri, offset, plan.bands)
    begin = int(lines.counts[:place].sum())
    table = lines.table[begin : begin + int(lines.counts[place])]
    line = int(np.flatnonzero(table["key"] == np.uint64(key))[0])
    blocks = [block for block in row["blocks"] if block["split"] == SPLITS_BY_RANK[fact["split"]]]
    at = blocks[fact["block"]]["offset"] + int(fact["begin"]) + int(table["bytes"][:line].sum(dtype=np.int64))
    size = min(int(table["bytes"][line]), _MOST_BYTES * _SHOWN_CHARACTERS)
    data = read_exactly(storage.join(output, row["text"]), at, size)
    return " ".join(data.decode("utf-8", "ignore").split())[:_SHOWN_CHARACTERS]
