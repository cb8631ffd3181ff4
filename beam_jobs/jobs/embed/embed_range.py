"""Writes the vectors of one item of the input as one shard, in the order of its texts."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

from beam_jobs import storage
from beam_jobs.documents.fetched_pieces import fetched_pieces
from beam_jobs.documents.read_documents import read_documents
from beam_jobs.execution.merge_counts import merge_counts
from beam_jobs.execution.output_folder import temporary_folder
from beam_jobs.execution.progress import ItemProgress
from beam_jobs.execution.run_once import ItemRow, content_hash, run_once, stored_row
from beam_jobs.execution.shard_row import shard_row
from beam_jobs.faults.rejection_file import RejectionFile
from beam_jobs.faults.source_faults import SourceFaults
from beam_jobs.inputs.plan_file import PlanLine, read_plan
from beam_jobs.inputs.plan_ranges import InputItem
from beam_jobs.inputs.require_unchanged import checked_meanwhile
from beam_jobs.jobs.embed.job import EmbedJob
from beam_jobs.jobs.embed.model import embedder_of, trainer_module
from beam_jobs.records import WORK_FOLDER, Shard, shard_name
from beam_jobs.storage.in_order import both

STEP = "embed"
_REJECTED = storage.join(WORK_FOLDER, "rejected")


def embed_range(line: PlanLine, job: EmbedJob) -> ItemRow:
    """Embed the texts of the item of the plan at `line`; its row, or the row of an earlier call.

    The row is a `shard_row` with `rejections` as in the segment job, and `totals`.
    """
    name = f"{line[0]:06d}"
    item, found = both(lambda: read_plan(line, job.output), lambda: stored_row(job.output, STEP, name))
    made_from = content_hash(item.content)
    return run_once(job.output, STEP, name, lambda: _embed(item, job), made_from, lambda *_: found, job.hash)


def _embed(item: InputItem, job: EmbedJob) -> ItemRow:
    name = f"{item.index:06d}"
    progress = ItemProgress(job.output, STEP, name)
    shard = shard_name("vectors", item.index, job.items, "default", ".parquet")
    rejected_name = storage.join(_REJECTED, f"{name}.jsonl")
    faults_of: list[dict[str, Any]] = []
    with embedder_of(job.model, job.settings, job.model_digest).lend() as embedder, ExitStack() as stack:
        check = stack.enter_context(checked_meanwhile())
        folder = temporary_folder(job.output)
        stream = stack.enter_context(storage.atomic_writer(storage.join(job.output, shard), folder))
        rejections = RejectionFile(storage.join(job.output, rejected_name), folder, stack)

        def texts() -> Iterator[tuple[str, str]]:
            for piece, copy in fetched_pieces(item.pieces):
                faults = SourceFaults(piece.name, rejections.write)
                documents = 0
                for document in read_documents(piece, job.reading, faults, check, copy):
                    documents += 1
                    progress.add(documents=1, bytes=len(document.text))
                    yield document.id, faults.encodable(document.text)
                faults_of.append({"documents": documents, "bytes_in": piece.size, **faults.counts()})

        written = trainer_module().write_stream(embedder, stream, texts())
    path = storage.join(job.output, shard)
    size, crc32c = storage.size(path), storage.crc32c(path)
    row = shard_row(
        item.index,
        Shard(shard, "default", written["vectors"], written["texts"], size, crc32c),
        rejections=rejected_name if rejections.written else "",
        totals=merge_counts([*faults_of, {"texts_cut": written["cut"], "pieces": written["pieces"]}]),
        progress=progress.finish(),
    )
    if rejections.written:
        row["wrote"][rejected_name] = rejections.wrote
    return row
