"""Cleaned documents in batches, so that what is counted or compared of each is computed for many in one call."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from beam_jobs.faults.source_faults import SourceFaults
from beam_jobs.records import Document
from beam_jobs.settings import SegmentSettings
from beam_jobs.text.normalise import normalise

_BATCH_CHARACTERS = 1 << 20
_BATCH_DOCUMENTS = 4096


@dataclass(frozen=True)
class DocumentBatch:
    """Documents as they were read, and the cleaned text of each.

    The text of a pair is its two texts, each in a line.
    """

    documents: list[Document]
    texts: list[str]

    @cached_property
    def utf8(self) -> np.ndarray:
        """The texts in UTF-8, one behind the other, uint8."""
        return np.frombuffer(b"".join(self._encoded), np.uint8)

    @cached_property
    def ends(self) -> np.ndarray:
        """Where in `utf8` each text ends, int64 [documents]."""
        return np.cumsum([len(text) for text in self._encoded], dtype=np.int64)

    @cached_property
    def _encoded(self) -> list[bytes]:
        return [text.encode() for text in self.texts]


def clean_batches(
    documents: Iterable[Document], settings: SegmentSettings, faults: SourceFaults
) -> Iterator[DocumentBatch]:
    """The documents, cleaned, in batches of about a million characters. Where a batch ends depends on the documents alone.

    A record that should hold two texts and has only one goes to `faults`.
    """
    batch = DocumentBatch([], [])
    characters = 0
    for document in documents:
        text = _clean_text(document, settings, faults)
        if text is None:
            continue
        batch.documents.append(document)
        batch.texts.append(text)
        characters += len(text)
        if characters >= _BATCH_CHARACTERS or len(batch.texts) == _BATCH_DOCUMENTS:
            yield batch
            batch, characters = DocumentBatch([], []), 0
    if batch.documents:
        yield batch


def _clean_text(document: Document, settings: SegmentSettings, faults: SourceFaults) -> str | None:
    clean = faults.encodable if settings.normalize == "none" else normalise
    if not settings.pair_field:
        return clean(document.text)
    if document.pair is None:
        detail = f"a format without fields, so without {settings.pair_field} (--pair_field)"
        faults.reject(document.offset, document.size, "pair_missing", detail, document.id)
        return None
    return "\n".join(" ".join(clean(text).split()) for text in (document.text, document.pair))
