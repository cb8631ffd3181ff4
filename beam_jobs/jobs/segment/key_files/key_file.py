"""The key file of a range, which the segment job writes beside the text."""

from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

import numpy as np

from beam_jobs import storage
from beam_jobs.duplicates.band_keys import BANDS, band_keys
from beam_jobs.duplicates.document_keys import document_keys, keys_of_utf8
from beam_jobs.execution.output_folder import temporary_folder
from beam_jobs.jobs.segment.document_batch import DocumentBatch
from beam_jobs.jobs.segment.job import SegmentJob
from beam_jobs.jobs.segment.key_files.key_sections import KEYS, BatchKeys, DocumentFacts, KeySections
from beam_jobs.jobs.segment.key_files.parts import CheckedStream
from beam_jobs.settings import SegmentSettings


class KeyFile:
    """Keys the documents of a range that are written to its text. Without `--duplicates` it writes nothing."""

    def __init__(self, job: SegmentJob, name: str, stack: ExitStack) -> None:
        """`name` is that of the item; `stack` closes the file, which then gets its final name."""
        self.facts = job.settings.duplicates in ("exact", "near")
        """Whether the facts of documents are wanted."""
        self.on = job.settings.duplicates != "off"
        self._settings = job.settings
        self._name = storage.join(KEYS, f"{name}.bin")
        if self.on:
            writer = storage.atomic_writer(storage.join(job.output, self._name), temporary_folder(job.output))
            self._stream = CheckedStream(stack.enter_context(writer))
            bands = BANDS if job.settings.duplicates == "near" else 0
            self._sections = KeySections(self._stream, bands, self.facts)

    def add(self, batch: DocumentBatch, places: Sequence[int], facts: Sequence[DocumentFacts]) -> None:
        """Add the documents of a batch at these places, and their facts if these are wanted."""
        if self.on and places:
            keys = _key_batch(batch, self._settings)
            chosen = np.array(places)
            self._sections.add(BatchKeys(keys.exact[chosen], keys.bands[chosen]), facts)

    def finish(self) -> tuple[dict[str, Any], dict[str, list[int | str]]]:
        """Write what is left: the entry `keys` for the row of the range, and what `run_once` must know of the file."""
        if not self.on:
            return {}, {}
        self._sections.finish()
        row = {"crc32c": self._stream.crc32c, "sections": self._sections.rows}
        return {"keys": row}, {self._name: self._stream.wrote}


def _key_batch(batch: DocumentBatch, settings: SegmentSettings) -> BatchKeys:
    near = settings.duplicates == "near"
    if settings.normalize == "nfc":
        keys = keys_of_utf8(batch.utf8, batch.ends, shingle_words=settings.shingle_words, signatures=near)
    else:
        keys = document_keys(batch.texts, shingle_words=settings.shingle_words, signatures=near)
    bands = band_keys(keys.signatures, keys.words) if near else np.empty((len(batch.texts), 0), np.uint64)
    return BatchKeys(keys.exact, bands)
