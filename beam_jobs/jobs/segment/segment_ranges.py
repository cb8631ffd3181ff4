"""Segments one item of the input plan in one call, into an intermediate file of sentence blocks."""

from array import array
from collections import Counter
from collections.abc import Iterable
from contextlib import ExitStack
from typing import Any

from beam_jobs import storage
from beam_jobs.documents.fetched_pieces import fetched_pieces
from beam_jobs.documents.read_documents import read_documents
from beam_jobs.execution.merge_counts import merge_counts
from beam_jobs.execution.output_folder import temporary_folder
from beam_jobs.execution.progress import ItemProgress
from beam_jobs.execution.run_once import ItemRow, run_once, stored_row
from beam_jobs.faults.language_notes import STATISTIC, count_language
from beam_jobs.faults.rejection_file import RejectionFile
from beam_jobs.faults.source_faults import SourceFaults
from beam_jobs.inputs.plan_file import PlanLine, read_plan
from beam_jobs.inputs.plan_ranges import InputItem, InputPiece
from beam_jobs.inputs.require_unchanged import checked_meanwhile
from beam_jobs.inputs.splits import hashed_split
from beam_jobs.jobs.segment.block_writer import BlockWriter, block_bytes
from beam_jobs.jobs.segment.job import SEGMENT_STEP, TEXTS, SegmentJob
from beam_jobs.records import WORK_FOLDER, Document
from beam_jobs.settings import SegmentSettings
from beam_jobs.storage.in_order import both
from beam_jobs.storage.per_process import in_turn
from beam_jobs.text.normalise import normalise
from beam_jobs.text.segment import segment

STEP = SEGMENT_STEP
_LENGTHS_AT_ONCE = 1 << 16
_REJECTED = storage.join(WORK_FOLDER, "rejected")


def segment_range(line: PlanLine, job: SegmentJob) -> ItemRow:
    """Segment the item of the plan at `line` and return its row, or the row of an earlier call.

    The row holds `index`, `text` and `rejections`, the paths of the intermediate files below the output folder
    (`rejections` is empty if there are none), `blocks`, which lists the blocks in `text`, and `counts`.
    """
    name = f"{line[0]:06d}"
    item, found = both(lambda: read_plan(line, job.output), lambda: stored_row(job.output, STEP, name))
    return run_once(
        job.output,
        STEP,
        name,
        lambda: _segment(item, job.settings, job.output),
        item.content,
        lambda *_: found,
        run=job.reusable[1],
    )


def _segment(item: InputItem, settings: SegmentSettings, output: str) -> ItemRow:
    name = f"{item.index:06d}"
    progress = ItemProgress(output, STEP, name)
    text_name = storage.join(TEXTS, f"{name}.txt")
    rejected_name = storage.join(_REJECTED, f"{name}.jsonl")
    counts = _SourceCounts()
    with in_turn(STEP, settings.shards_per_worker), ExitStack() as stack:
        check = stack.enter_context(checked_meanwhile())
        stream = stack.enter_context(storage.atomic_writer(storage.join(output, text_name), temporary_folder(output)))
        rejections = RejectionFile(storage.join(output, rejected_name), temporary_folder(output), stack)
        writer = BlockWriter(stream, block_bytes(settings.shard_mb * 1e6))
        for piece, copy in fetched_pieces(item.pieces):
            faults = SourceFaults(piece.name, rejections.write)
            documents = read_documents(piece, settings, faults, check, copy)
            _segment_piece(piece, documents, settings, writer, faults, counts, progress)
            counts.add_faults(piece, faults)
        writer.finish()
    wrote = {text_name: [writer.written, ""]}  # no CRC here, since its blocks are checked when they are copied
    if rejections.written:
        wrote[rejected_name] = rejections.wrote
    return {
        "index": item.index,
        "text": text_name,
        "rejections": rejected_name if rejections.written else "",
        "blocks": [block.to_json() for block in writer.blocks],
        "counts": counts.to_row(item),
        "wrote": wrote,
        "progress": progress.finish(),
    }


def _segment_piece(
    piece: InputPiece,
    documents: Iterable[Document],
    settings: SegmentSettings,
    writer: BlockWriter,
    faults: SourceFaults,
    counts: "_SourceCounts",
    progress: ItemProgress,
) -> None:
    seen = 0
    for document in documents:
        sentences = _lines_of(document, settings, faults)
        if not sentences:
            continue
        split = (
            piece.split or document.split or hashed_split(document.id, settings.dev_fraction, settings.test_fraction)
        )
        written = writer.add(split, sentences)
        counts.add(piece.source, split, sentences, written)
        if not settings.pair_field:
            count_language(counts.languages_without_rules, document.language)
        share = min(
            len(document.text) + len(document.pair or ""), piece.size - seen
        )  # an estimate of its share of the stored bytes
        seen += share
        progress.add(documents=1, bytes=share)
    progress.add(bytes=piece.size - seen)


def _lines_of(document: Document, settings: SegmentSettings, faults: SourceFaults) -> list[str]:
    """The sentences of a document, or the two texts of a pair, each in one line; empty if it was set aside."""
    clean = faults.encodable if settings.normalize == "none" else normalise
    if settings.pair_field:
        if document.pair is None:
            detail = f"a format without fields, so without {settings.pair_field} (--pair_field)"
            faults.reject(document.offset, document.size, "pair_missing", detail, document.id)
            return []
        lines = [" ".join(clean(text).split()) for text in (document.text, document.pair)]
        lines = lines if all(lines) else []
    else:
        lines = segment(clean(document.text), document.language)
    if not lines:
        detail = "nothing is left after cleaning" + (" of one of the two texts" if settings.pair_field else "")
        faults.reject(document.offset, document.size, "no_sentence", detail, document.id)
    return lines


class _SourceCounts:
    """The counts of one item: of kept documents, and of what was found wrong."""

    def __init__(self) -> None:
        self._of: dict[tuple[str, str], list[int]] = {}  # (source, split) to documents, sentences, bytes out
        self._sentence_lengths: Counter[int] = Counter()
        self._lengths = array("Q")  # of sentences that are not in these counts yet
        self._faults: list[dict[str, Any]] = []
        self._rejected_of: Counter[str] = Counter()
        self.languages_without_rules: Counter[str] = Counter()

    def add(self, source: str, split: str, sentences: list[str], written: int) -> None:
        count = self._of.setdefault((source, split), [0, 0, 0])
        count[0] += 1
        count[1] += len(sentences)
        count[2] += written
        self._lengths.extend(map(len, sentences))
        if len(self._lengths) > _LENGTHS_AT_ONCE:
            self._count_lengths()

    def _count_lengths(self) -> None:
        """Add the lengths to the counts: many at a time, since sentences are short and many."""
        self._sentence_lengths.update(map(int.bit_length, self._lengths))
        del self._lengths[:]

    def add_faults(self, piece: InputPiece, faults: SourceFaults) -> None:
        self._faults.append(faults.counts())
        self._rejected_of[piece.source] += faults.rejected.total()

    def to_row(self, item: InputItem) -> ItemRow:
        self._count_lengths()
        sources: dict[str, Any] = {}
        for piece in item.pieces:
            source = sources.setdefault(
                piece.source, dict.fromkeys(("documents", "sentences", "bytes_in", "bytes_out"), 0)
            )
            source["bytes_in"] += piece.size
            source["rejected"] = self._rejected_of[piece.source]
        splits: dict[str, Any] = {}
        for (name, split), (documents, sentences, written) in self._of.items():
            source = sources[name]
            source["documents"] += documents
            source["sentences"] += sentences
            source["bytes_out"] += written
            of_split = splits.setdefault(split, {"num_documents": 0, "num_sentences": 0})
            of_split["num_documents"] += documents
            of_split["num_sentences"] += sentences
        return {
            "splits": splits,
            "sources": sources,
            **merge_counts(self._faults),
            STATISTIC: dict(self.languages_without_rules),
            # sentences of 2**(i-1) to 2**i - 1 characters at i
            "sentence_length_log2": [
                self._sentence_lengths[i] for i in range(max(self._sentence_lengths, default=-1) + 1)
            ],
        }
