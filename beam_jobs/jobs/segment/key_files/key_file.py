"""The key file of a range, which the segment job writes beside the text."""

from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

import numpy as np

from beam_jobs import storage
from beam_jobs.duplicates.band_keys import BANDS, band_keys
from beam_jobs.duplicates.document_keys import keys_of_utf8
from beam_jobs.execution.output_folder import temporary_folder
from beam_jobs.jobs.segment.job import SegmentJob
from beam_jobs.jobs.segment.key_files.key_sections import KEYS, BatchKeys, DocumentFacts, KeySections
from beam_jobs.jobs.segment.key_files.line_lists import lines_of
from beam_jobs.jobs.segment.key_files.parts import CheckedStream
from beam_jobs.settings import SegmentSettings
from vocab.unicode_forms import to_nfc


class KeyFile:
    """Keys the documents of a range that are written to its text. If nothing is to be compared it writes nothing."""

    def __init__(self, job: SegmentJob, name: str, stack: ExitStack) -> None:
        """`name` is that of the item; `stack` closes the file, which then gets its final name."""
        self.lines = job.settings.compares_lines
        """Whether the lines of documents are wanted."""
        self.facts = job.settings.leaves_copies_out or self.lines
        """Whether the facts of documents are wanted."""
        self.on = job.settings.duplicates != "off" or self.lines
        self._settings = job.settings
        self._name = storage.join(KEYS, f"{name}.bin")
        if self.on:
            writer = storage.atomic_writer(storage.join(job.output, self._name), temporary_folder(job.output))
            self._stream = CheckedStream(stack.enter_context(writer))
            bands = BANDS if job.settings.duplicates == "near" else 0
            self._sections = KeySections(self._stream, bands, self.facts, self.lines)

    def add(self, texts: Sequence[bytes], facts: Sequence[DocumentFacts]) -> None:
        """Add documents as they are written, in UTF-8, and their facts if these are wanted."""
        if self.on and texts:
            composed = (
                texts if self._settings.normalize == "nfc" else [to_nfc(text.decode()).encode() for text in texts]
            )
            lines = lines_of(texts, [fact.line_ends for fact in facts], b"".join(composed)) if self.lines else None
            self._sections.add(_keys_of(composed, self._settings), facts, lines)

    def finish(self) -> tuple[dict[str, Any], dict[str, list[int | str]]]:
        """Write what is left: the entry `keys` for the row of the range, and what `run_once` must know of the file."""
        if not self.on:
            return {}, {}
        self._sections.finish()
        row = {"crc32c": self._stream.crc32c, "sections": self._sections.rows}
        return {"keys": row}, {self._name: self._stream.wrote}


def _keys_of(composed: Sequence[bytes], settings: SegmentSettings) -> BatchKeys:
    """The keys of documents in Unicode form NFC."""
    if settings.duplicates == "off":
        return BatchKeys(np.zeros((len(composed), 2), np.uint64), np.empty((len(composed), 0), np.uint64))
    near = settings.duplicates == "near"
    ends = np.cumsum([len(text) for text in composed], dtype=np.int64)
    data = np.frombuffer(b"".join(composed), np.uint8)
    keys = keys_of_utf8(data, ends, shingle_words=settings.shingle_words, signatures=near)
    bands = band_keys(keys.signatures, keys.words) if near else np.empty((len(composed), 0), np.uint64)
    return BatchKeys(keys.exact, bands)
