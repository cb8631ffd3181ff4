"""Documents of a JSON-lines file."""

import json
from collections.abc import Iterator
from typing import Any

import orjson

from beam_jobs.records import Document
from beam_jobs.settings import SegmentSettings
from beam_jobs.transforms.findings import Findings
from beam_jobs.transforms.lines import read_lines
from beam_jobs.transforms.plan_ranges import InputPiece
from beam_jobs.transforms.record_fields import document_of

_NOT_JSON = object()


def read_jsonl(piece: InputPiece, settings: SegmentSettings, findings: Findings) -> Iterator[Document]:
    """The documents of the lines that begin in the piece; blank lines are none, broken ones are set aside."""
    for offset, line in read_lines(piece, findings):
        if 0 <= piece.end <= offset:
            return
        try:
            record = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            if not line.strip():
                continue
            record = _parse_slowly(line, offset, findings, str(error))
            if record is _NOT_JSON:
                continue
        if isinstance(record, dict):
            document = document_of(record, piece.name, offset, settings, findings)
            if document is not None:
                yield document
        else:
            findings.reject(offset, "not_an_object", f"the line is a JSON {type(record).__name__}, not an object")


def _parse_slowly(line: bytes, offset: int, findings: Findings, complaint: str) -> Any:
    """What orjson refuses but can be read: invalid UTF-8, lone surrogates, NaN. Rejects what cannot."""
    text = findings.decode(line, offset)
    if text is None:
        return _NOT_JSON
    try:
        record = json.loads(text)
        # Only escapes can spell surrogates; spelt anew as UTF-8 without them, the record is plain text again.
        return json.loads(findings.encodable(json.dumps(record, ensure_ascii=False)))
    except (ValueError, RecursionError):
        findings.reject(offset, "broken_json", complaint)
        return _NOT_JSON
