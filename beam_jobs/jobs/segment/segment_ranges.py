"""Segments one item of the input plan in one call, into an intermediate file of sentence blocks."""

from array import array
from collections.abc import Iterable
from contextlib import ExitStack
from typing import NamedTuple

from beam_jobs import storage
from beam_jobs.documents.fetched_pieces import fetched_pieces
from beam_jobs.documents.read_documents import read_documents
from beam_jobs.execution.output_folder import temporary_folder
from beam_jobs.execution.progress import ItemProgress
from beam_jobs.execution.run_once import ItemRow, run_once, stored_row
from beam_jobs.faults.language_notes import count_language
from beam_jobs.faults.rejection_file import RejectionFile
from beam_jobs.faults.source_faults import SourceFaults
from beam_jobs.inputs.plan_file import PlanLine, read_plan
from beam_jobs.inputs.plan_ranges import InputItem, InputPiece
from beam_jobs.inputs.require_unchanged import checked_meanwhile
from beam_jobs.inputs.splits import hashed_split
from beam_jobs.jobs.segment.block_writer import BlockWriter, WrittenDocument, block_bytes
from beam_jobs.jobs.segment.document_batch import clean_batches
from beam_jobs.jobs.segment.job import SEGMENT_STEP, TEXTS, SegmentJob
from beam_jobs.jobs.segment.judge_batch import Verdict, judge_batch
from beam_jobs.jobs.segment.key_files.key_file import KeyFile
from beam_jobs.jobs.segment.key_files.key_sections import DocumentFacts
from beam_jobs.jobs.segment.source_counts import SourceCounts
from beam_jobs.records import FILTERED_FOLDER, REJECTED_FOLDER, WORK_FOLDER, Document, Filtered
from beam_jobs.settings import SegmentSettings
from beam_jobs.storage.in_order import both
from beam_jobs.storage.per_process import in_turn
from beam_jobs.text.segment import segment

STEP = SEGMENT_STEP
_REJECTED = storage.join(WORK_FOLDER, REJECTED_FOLDER)
_FILTERED = storage.join(WORK_FOLDER, FILTERED_FOLDER)


def segment_range(line: PlanLine, job: SegmentJob) -> ItemRow:
    """Segment the item of the plan at `line` and return its row, or the row of an earlier call.

    The row holds `index`, `text`, `rejections` and `filtered`, the paths of the intermediate files below the output folder
    (the last two are empty if there are none), `blocks`, which lists the blocks in `text`, `counts`, and `keys`,
    what the search for duplicates must know of the file of keys.
    """
    name = f"{line[0]:06d}"
    item, found = both(lambda: read_plan(line, job.output), lambda: stored_row(job.output, STEP, name))
    if found is not None and "keys" not in found and job.settings.duplicates != "off":
        found = None  # of a version that knew no duplicates
    return run_once(
        job.output,
        STEP,
        name,
        lambda: _segment(item, job),
        item.content,
        lambda *_: found,
        run=job.reusable[1],
    )


class _Outputs(NamedTuple):
    texts: BlockWriter
    filtered: RejectionFile
    keys: KeyFile


def _segment(item: InputItem, job: SegmentJob) -> ItemRow:
    settings, output, temporary = job.settings, job.output, temporary_folder(job.output)
    name = f"{item.index:06d}"
    progress = ItemProgress(output, STEP, name)
    text_name = storage.join(TEXTS, f"{name}.txt")
    rejected_name, filtered_name = (storage.join(folder, f"{name}.jsonl") for folder in (_REJECTED, _FILTERED))
    counts = SourceCounts()
    with in_turn(STEP, settings.shards_per_worker), ExitStack() as stack:
        check = stack.enter_context(checked_meanwhile())
        stream = stack.enter_context(storage.atomic_writer(storage.join(output, text_name), temporary))
        rejections = RejectionFile(storage.join(output, rejected_name), temporary, stack)
        filtered = RejectionFile(storage.join(output, filtered_name), temporary, stack)
        keys = KeyFile(job, name, stack)
        out = _Outputs(BlockWriter(stream, block_bytes(settings.shard_mb * 1e6)), filtered, keys)
        for piece, copy in fetched_pieces(item.pieces):
            faults = SourceFaults(piece.name, rejections.write)
            documents = read_documents(piece, settings, faults, check, copy)
            _segment_piece(piece, documents, job, out, faults, counts, progress)
            counts.add_faults(piece, faults)
        out.texts.finish()
        keyed, wrote_keys = out.keys.finish()
    wrote = {
        text_name: [out.texts.written, ""],
        **wrote_keys,
    }  # no CRC here, since its blocks are checked when they are copied
    for file, path in ((rejections, rejected_name), (filtered, filtered_name)):
        if file.written:
            wrote[path] = file.wrote
    return {
        "index": item.index,
        "text": text_name,
        "rejections": rejected_name if rejections.written else "",
        "filtered": filtered_name if filtered.written else "",
        "filtered_file": filtered.wrote,
        "blocks": [block.to_json() for block in out.texts.blocks],
        "counts": counts.to_row(item),
        **keyed,
        "wrote": wrote,
        "progress": progress.finish(),
    }


def _segment_piece(
    piece: InputPiece,
    documents: Iterable[Document],
    job: SegmentJob,
    out: "_Outputs",
    faults: SourceFaults,
    counts: SourceCounts,
    progress: ItemProgress,
) -> None:
    settings = job.settings
    seen = 0
    for batch in clean_batches(documents, settings, faults):
        judged = judge_batch(batch, job, counts)
        texts: list[bytes] = []
        facts: list[DocumentFacts] = []
        for document, text, language, verdict in zip(
            batch.documents, judged.batch.texts, judged.languages, judged.verdicts, strict=True
        ):
            line_ends: list[int] | None = [] if out.keys.lines else None
            if verdict is not None:
                out.filtered.write(_filtered(document, verdict))
                counts.add_filtered(piece.source, verdict.reason, document.size)
            elif sentences := _lines_of(document, text, language, settings, faults, line_ends):
                split = _split_of(piece, document, settings)
                written = out.texts.add(split, sentences)
                lengths = counts.add(piece.source, split, sentences, len(written.text))
                texts.append(written.text)
                if out.keys.facts:
                    facts.append(_facts(piece, document, language, split, written, lengths, line_ends))
                if not settings.pair_field:
                    count_language(counts.languages_without_rules, language)
            share = min(
                len(document.text) + len(document.pair or ""), piece.size - seen
            )  # an estimate of its share of the stored bytes
            seen += share
            progress.add(documents=verdict is None, bytes=share)
        out.keys.add(texts, facts)
    progress.add(bytes=piece.size - seen)


def _split_of(piece: InputPiece, document: Document, settings: SegmentSettings) -> str:
    shares = settings.dev_fraction, settings.test_fraction
    return piece.split or document.split or hashed_split(document.id, *shares)


def _facts(
    piece: InputPiece,
    document: Document,
    language: str,
    split: str,
    written: WrittenDocument,
    lengths: "array[int]",
    line_ends: list[int] | None,
) -> DocumentFacts:
    place = document.offset, document.size, written.block, written.begin, len(written.text)
    ends = array("Q", line_ends or ())
    return DocumentFacts(document.id, document.source, piece.source, language, split, *place, lengths, ends)


def _lines_of(
    document: Document,
    text: str,
    language: str,
    settings: SegmentSettings,
    faults: SourceFaults,
    line_ends: list[int] | None,
) -> list[str]:
    """The sentences of a document, or the two texts of a pair, each in one line; empty if it was set aside.

    `line_ends` is given the number of sentences up to the end of each line of the text.
    """
    if settings.pair_field:
        lines = text.split("\n")
        lines = lines if all(lines) else []
    else:
        lines = segment(text, language, line_ends)
    if not lines:
        detail = "nothing is left after cleaning" + (" of one of the two texts" if settings.pair_field else "")
        faults.reject(document.offset, document.size, "no_sentence", detail, document.id)
    return lines


def _filtered(document: Document, verdict: Verdict) -> Filtered:
    id = document.id.encode("utf-8", "replace").decode()
    return Filtered(document.source, document.offset, verdict.reason, verdict.detail, id, document.size)
