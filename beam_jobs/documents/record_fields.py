"""Makes a document from a record of named fields, such as a JSON line or a row of a Parquet file."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from beam_jobs.faults.source_faults import SourceFaults
from beam_jobs.records import Document
from beam_jobs.settings import SegmentSettings
from beam_jobs.settings.where import PARAGRAPHS, document_conditions, paragraph_conditions

PARAGRAPHS_FIELD = PARAGRAPHS  # a list of objects with `text`, as national libraries publish it


def document_of(
    record: Mapping[str, Any], name: str, offset: int, size: int, settings: SegmentSettings, faults: SourceFaults
) -> Document | None:
    """The document of `record`, which has `size` bytes at `offset` of file `name`; None if it was set aside.

    The text is that of `--text_field`, or else the texts of `paragraphs`, joined by newlines. The id is the value of
    `--id_field` if it is text or a number, or else `<name>:<offset>`. With `--pair_field`, that field holds its second text.
    """
    id = record.get(settings.id_field)
    id = str(id) if isinstance(id, str | int) and id != "" else f"{name}:{offset}"
    text = record.get(settings.text_field)
    lost: tuple[tuple[int, int], ...] = ()
    if text is None and isinstance(record.get(PARAGRAPHS_FIELD), list):
        paragraphs, lost = _chosen(record[PARAGRAPHS_FIELD], settings)
        text = _join_paragraphs(paragraphs, faults)
    if isinstance(text, bytes):
        text = faults.decode(text, offset)
        if text is None:
            return None
    if not isinstance(text, str):
        if text is not None:
            detail = f"{settings.text_field} is a {type(text).__name__}"
            faults.reject(offset, size, "text_not_a_string", detail, id)
        elif settings.text_field in record:
            faults.reject(offset, size, "text_null", f"{settings.text_field} is null", id)
        else:
            fields = ", ".join(str(field) for field in list(record)[:10])
            detail = f"no field {settings.text_field} (--text_field) among {fields}"
            faults.reject(offset, size, "text_missing", detail, id)
        return None
    pair = _pair_of(record, offset, settings, faults)
    if settings.pair_field and pair is None:
        detail = f"no text in field {settings.pair_field} (--pair_field)"
        faults.reject(offset, size, "pair_missing", detail, id)
        return None
    language = settings.language
    if not language:
        named = record.get(settings.language_field)
        language = named if isinstance(named, str) else ""
    document = Document(
        id, text, language, name, offset, size=size, pair=pair, confidence=_confidence_of(record, settings)
    )
    if not settings.where:
        return document
    values = tuple(condition.value_in(record) for condition in document_conditions(settings.where))
    return replace(document, fields=values, paragraphs=lost)


def _confidence_of(record: Mapping[str, Any], settings: SegmentSettings) -> float | None:
    """The confidence of character recognition, from 0 to 1; None if the record has no such number. Above 1 it is in percent."""
    value = record.get(settings.confidence_field) if settings.quality != "off" else None
    if isinstance(value, str):  # as in a table of text
        with suppress(ValueError):
            value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 100:
        return None
    return value / 100 if value > 1 else float(value)


def _pair_of(record: Mapping[str, Any], offset: int, settings: SegmentSettings, faults: SourceFaults) -> str | None:
    """The second text of a record; None if there is none, or none is wanted."""
    pair = record.get(settings.pair_field) if settings.pair_field else None
    if isinstance(pair, bytes):
        pair = faults.decode(pair, offset)
    return pair if isinstance(pair, str) else None


def _chosen(paragraphs: list[Any], settings: SegmentSettings) -> tuple[list[Any], tuple[tuple[int, int], ...]]:
    """The paragraphs that fulfil the conditions on paragraphs, and for each condition how many it left out (the first that does
    counts), and how many have no such field.
    """
    wanted = paragraph_conditions(settings.where) if settings.where else ()
    left_out, without = [0] * len(wanted), [0] * len(wanted)
    for number, condition in enumerate(wanted):
        kept = []
        for paragraph in paragraphs:
            value = condition.value_in(paragraph) if isinstance(paragraph, dict) else None
            holds = condition.holds(value)
            without[number] += holds is None
            left_out[number] += holds is False
            if holds is not False:
                kept.append(paragraph)
        paragraphs = kept
    return paragraphs, tuple(zip(left_out, without, strict=True))


def _join_paragraphs(paragraphs: list[Any], faults: SourceFaults) -> str:
    texts = [paragraph.get("text") if isinstance(paragraph, dict) else paragraph for paragraph in paragraphs]
    kept = [text for text in texts if isinstance(text, str)]
    if len(kept) < len(texts):
        faults.repair("paragraphs_without_text_dropped")
    return "\n".join(kept)
