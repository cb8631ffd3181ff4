"""Finds documents with text of evaluation files, whose n-grams are gathered once and read by every worker."""

import hashlib
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from beam_jobs import storage
from beam_jobs.documents.evaluation_texts import evaluation_files, evaluation_texts
from beam_jobs.errors import UserError
from beam_jobs.execution.output_folder import write_output
from beam_jobs.held_out.find_held_out import find_held_out
from beam_jobs.held_out.ngram_table import LEAST_WORDS, NgramTable, ngram_table, table_from_bytes
from beam_jobs.inputs.input_file import InputFile
from beam_jobs.jobs.segment.document_batch import DocumentBatch
from beam_jobs.jobs.segment.filters.mask import mask_batch
from beam_jobs.records import WORK_FOLDER, Document
from beam_jobs.settings import SegmentSettings
from beam_jobs.storage.per_process import once_per_process
from beam_jobs.text.normalise import normalise
from vocab.unicode_forms import to_nfc

REASON = "contaminated"
STATISTIC = "held_out"
FLAG = "--decontaminate"
_FILE = storage.join(WORK_FOLDER, "ngrams", "000000.bin")


def hash_of_held_out(settings: SegmentSettings) -> str:
    """A hash of the n-grams of the evaluation files, "" if `--decontaminate` names none.

    Raises UserError, naming the file, if one cannot be read, or holds no text that could be found.
    """
    return _hash(_read(settings)) if settings.decontaminate else ""


def write_held_out(output: str, settings: SegmentSettings, hash: str) -> None:
    """Write the n-grams of this hash into the work folder, if there are any.

    Raises UserError if the evaluation files have changed since `hash_of_held_out`.
    """
    if hash:
        data = _read(settings)
        if _hash(data) != hash:
            raise UserError(
                f"{FLAG} {' '.join(settings.decontaminate)}: changed while it was read; run the command again"
            )
        write_output(output, _FILE, data)


def tell_of_short_texts(settings: SegmentSettings) -> None:
    """Print a line on standard error if evaluation texts are too short to be looked for."""
    if not settings.decontaminate:
        return
    table = table_from_bytes(_read(settings))
    too_short = sum(table.too_short)
    if too_short:
        print(
            f"beambert: {FLAG}: {too_short:,} of {sum(table.texts):,} texts have fewer than "
            f"{min(LEAST_WORDS, table.words)} words (labels, names, short answers) and are not looked for",
            file=sys.stderr,
        )


def held_out_documents(
    batch: DocumentBatch, settings: SegmentSettings, output: str, hash: str
) -> dict[int, tuple[str, str]]:
    """The documents of the batch with text of an evaluation file, by their place in it: the name of that file, and the
    first words that they share with it.
    """
    if not hash or not batch.texts:
        return {}
    if settings.normalize == "none":
        batch = DocumentBatch(batch.documents, [to_nfc(text) for text in batch.texts])
    table = _table(output, hash)
    found = find_held_out(table, batch.utf8, batch.ends, settings.decontaminate_share)
    places = zip(found.documents.tolist(), found.files.tolist(), found.passages.tolist(), strict=True)
    return {
        document: (table.files[file], " ".join(batch.utf8[begin:end].tobytes().decode("utf-8", "replace").split()))
        for document, file, (begin, end) in places
    }


def held_out_stats(totals: Mapping[str, Any], output: str, hash: str) -> dict[str, Any]:
    """The entry of `corpus_stats.json`: for each evaluation file its texts, and the documents that were left out for it."""
    if not hash:
        return {}
    table = _table(output, hash)
    taken = totals.get(STATISTIC, {})
    files = zip(table.files, table.texts, table.too_short, strict=True)
    return {
        STATISTIC: {
            name: {"texts": texts, "too_short": too_short, "documents": taken.get(name, 0)}
            for name, texts, too_short in files
        }
    }


def _read(settings: SegmentSettings) -> bytes:
    files = evaluation_files(settings.decontaminate, FLAG)
    hashable = replace(settings, input=tuple(settings.input), decontaminate=tuple(settings.decontaminate))
    return _table_of_files(tuple(files), hashable)


@once_per_process
def _table_of_files(files: tuple[InputFile, ...], settings: SegmentSettings) -> bytes:
    """The table of the files, cleaned as the documents are. `files` has their sizes and versions."""

    def texts_of(file: InputFile) -> Iterator[str]:
        clean = to_nfc if settings.normalize == "none" else normalise
        for text in evaluation_texts(file, settings, FLAG):
            yield _masked(clean(text), settings)

    table = ngram_table(((file.name, texts_of(file)) for file in files), settings.decontaminate_words)
    for name, texts, too_short in zip(table.files, table.texts, table.too_short, strict=True):
        if texts == too_short:
            least = min(LEAST_WORDS, table.words)
            what = f"no text of {least} or more words" if texts else "no text"
            raise UserError(f"{FLAG} {name}: holds {what}, so nothing could be found; name another file")
    return table.to_bytes()


def _masked(text: str, settings: SegmentSettings) -> str:
    if not settings.mask:
        return text
    batch, _ = mask_batch(DocumentBatch([Document("", text, "", "", 0)], [text]), settings)
    return batch.texts[0]


@once_per_process
def _table(output: str, hash: str) -> NgramTable:
    table = table_from_bytes(storage.read_bytes(storage.join(output, _FILE)))
    _ = table.begins, table.bitmap  # computed before threads share them
    return table


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]
