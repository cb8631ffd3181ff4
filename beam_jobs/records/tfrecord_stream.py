"""Reading instance shards in batches of bounded size, where damage is an error."""

from collections.abc import Iterable, Iterator
from typing import BinaryIO

from beam_jobs.errors import UserError
from beam_jobs.records.frame_reader import CUT_OFF, STREAM, Fault, FrameReader, Records
from beam_jobs.records.tfrecord_frames import FRAME_HEADER, is_header

BATCH_BYTES = 4 << 20


class EmptyShardError(UserError):
    """A file without a record."""


def read_record_batches(stream: BinaryIO, name: str, batch_bytes: int = BATCH_BYTES) -> Iterator[Records]:
    """The records of a TFRecord file, compressed or not, about `batch_bytes` of them at a time.

    `stream` is at the start of the file, and `name` is the name for errors. Raises UserError, with the index of the
    record and its offset in the uncompressed file, if the file is not a TFRecord file, is cut off or fails a checksum.
    Raises EmptyShardError if it holds no record.
    """
    reader = FrameReader(stream, name, batch_bytes)
    if reader.is_empty:
        raise EmptyShardError(f"{name}: the file is empty; make it again, or leave it out")
    while len(records := reader.read_chunk()):
        if damaged := records.first_damaged():
            raise UserError(
                f"{name}: record {damaged[0]} at byte {damaged[1]} fails its checksum (CRC-32C); "
                "the file is damaged: copy or make it again"
            )
        if not reader.fault:
            yield records
    if reader.fault:
        raise _error(reader.fault, name, reader.compression)
    if reader.record == 0:
        raise EmptyShardError(f"{name}: holds no record; make it again, or leave it out")


def read_records(stream: BinaryIO, name: str, indices: Iterable[int] | None = None) -> Iterator[tuple[int, bytes]]:
    """(index, record) of the records at `indices`, in ascending order, or of all. It reads no further than necessary.

    Raises UserError as `read_record_batches` does, and if the file has no record at an index.
    """
    wanted = None if indices is None else sorted(set(indices))
    if wanted == []:
        return
    records = 0
    for batch in read_record_batches(stream, name):
        records = batch.first_record + len(batch)
        if wanted is None:
            yield from ((batch.first_record + row, batch[row]) for row in range(len(batch)))
            continue
        while wanted and wanted[0] < records:
            index = wanted.pop(0)
            yield index, batch[index - batch.first_record]
        if not wanted:
            return
    if wanted:
        raise UserError(
            f"{name}: has {records} records, but record {wanted[0]} was asked for; the first is 0 and the last {records - 1}"
        )


def _error(fault: Fault, name: str, compression: str) -> UserError:
    record, header = fault.record, fault.header
    if fault.kind == STREAM and fault.ends_early:
        return UserError(
            f"{name}: the {compression} stream ends too early, after record {record} or later; "
            "it was not written to its end: make it again"
        )
    if fault.kind == STREAM:
        return UserError(
            f"{name}: the {compression} stream is damaged after record {record} or later ({fault.detail}); "
            "copy or make it again"
        )
    if fault.kind == CUT_OFF and fault.byte == 0 and len(header) < FRAME_HEADER:
        return UserError(f"{name}: not a TFRecord file (it has only {len(header)} bytes); name an instance shard")
    if fault.kind == CUT_OFF:
        return UserError(
            f"{name}: record {record} at byte {fault.byte} is cut off by the end of the file; "
            "it was not written to its end: make it again"
        )
    if is_header(header):
        length = int.from_bytes(header[:8], "little")
        return UserError(
            f"{name}: record {record} has {length} bytes, too many for an instance; name an instance shard"
        )
    if record == 0:
        return UserError(
            f"{name}: not a TFRecord file (its first 12 bytes are no record header); name an instance shard"
        )
    return UserError(
        f"{name}: the length of record {record} at byte {fault.byte} fails its checksum (CRC-32C); "
        "the file is damaged: copy or make it again"
    )
