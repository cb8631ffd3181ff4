"""The key file of a range, which the segment job writes beside the text."""

from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

import numpy as np

from beam_jobs import storage
from beam_jobs.duplicates.band_keys import BANDS, band_keys
from beam_jobs.duplicates.document_keys import document_keys, keys_of_utf8
from beam_jobs.execution.output_folder import temporary_folder
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

    def add(self, texts: Sequence[bytes], facts: Sequence[DocumentFacts]) -> None:
        """Add documents as they are written, in UTF-8, and their facts if these are wanted."""
        if self.on and texts:
            self._sections.add(_keys_of(texts, self._settings), facts)

    def finish(self) -> tuple[dict[str, Any], dict[str, list[int | str]]]:
        """Write what is left: the entry `keys` for the row of the range, and what `run_once` must know of the file."""
        if not self.on:
            return {}, {}
        self._sections.finish()
        row = {"crc32c": self._stream.crc32c, "sections": self._sections.rows}
        return {"keys": row}, {self._name: self._stream.wrote}


def _keys_of(texts: Sequence[bytes], settings: SegmentSettings) -> BatchKeys:
    near = settings.duplicates == "near"
    if settings.normalize == "nfc":
        ends = np.cumsum([len(text) for text in texts], dtype=np.int64)
        data = np.frombuffer(b"".join(texts), np.uint8)
        keys = keys_of_utf8(data, ends, shingle_words=settings.shingle_words, signatures=near)
    else:
        decoded = [text.decode() for text in texts]
        keys = document_keys(decoded, shingle_words=settings.shingle_words, signatures=near)
    bands = band_keys(keys.signatures, keys.words) if near else np.empty((len(texts), 0), np.uint64)
    return BatchKeys(keys.exact, bands)
