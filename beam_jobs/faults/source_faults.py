"""Collects what is wrong with an input: documents that are set aside, and documents that are kept after a repair."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from beam_jobs.faults.text_head import invalid_bytes, suspected_encoding
from beam_jobs.records import Rejection

MAX_DOCUMENT_BYTES = 256 << 20
"""A longer document is set aside, because segmentation needs a whole document in memory."""

DOUBTFUL = "bytes dropped that are not UTF-8"
"""The beginning of the note about a file in which short texts lost such bytes."""

METADATA = "one JSON object without a field"
"""The beginning of the note about a .json file that describes documents but holds none."""

_MAX_BAD_SHARE = 0.001  # a larger share of invalid bytes means another encoding, not damage


class SourceFaults:
    """Rejections and repairs of one source; rejections go to `write` at once, so that memory stays bounded."""

    def __init__(self, source: str, write: Callable[[Rejection], None]) -> None:
        self.source = source
        self.bytes_read = 0  # of the (decompressed) input, lost bytes included; readers add what they pass
        self.rejected: Counter[str] = Counter()  # documents by reason
        self.rejected_bytes: Counter[str] = Counter()  # their sizes
        self.repaired: Counter[str] = Counter()  # documents by kind of repair
        self.doubtful = 0  # documents among these that may be in another encoding instead
        self.noted: set[str] = set()  # remarks about the file as a whole, although it could be read
        self.suspected = ""  # the encoding that the file seems to have, if not UTF-8
        self._write = write

    def reject(self, offset: int, size: int, reason: str, detail: str = "", id: str = "") -> None:
        """Set something aside.

        `offset` and `size` are in bytes of the (decompressed) file; in a Parquet file `offset` is the row.
        """
        self.rejected[reason] += 1
        self.rejected_bytes[reason] += size
        detail = " ".join(detail.split())
        self._write(Rejection(self.source, offset, reason, detail, id.encode("utf-8", "replace").decode(), size))

    def reject_damaged(self, offset: int, detail: str, size: int, share_read: float, read: int) -> None:
        """Set the rest of a damaged file aside, after `share_read` of it and `read` bytes of text; its `size` is a guess.

        It is unknown how much of a truncated file is missing, and if the checksum at the end fails, the damage lies
        somewhere before. So the loss counts as the unread rest, but at least as many bytes as were read.
        """
        whole = int(read / share_read) if read and share_read else size
        lost = max(whole - read, read, 1)
        self.bytes_read += lost
        kept = "what stands before is kept" if read else "nothing could be read"
        self.reject(offset, lost, "damaged_file", f"{detail}; {kept}")

    def reject_file(self, size: int, reason: str, detail: str, first: bool) -> None:
        """Set a whole file aside, range by range. Only the `first` range reports it, but each counts its own bytes."""
        self.bytes_read += size
        if first:
            self.reject(0, size, reason, detail)
        else:
            self.rejected_bytes[reason] += size

    def repair(self, kind: str) -> None:
        """Count a document that is kept after a change."""
        self.repaired[kind] += 1

    def decode(self, data: bytes, offset: int) -> str | None:
        """The text of UTF-8 bytes.

        A few invalid bytes are dropped, and the document counts as repaired. If there are many (more than 1 in 1000,
        and more than 1), the document must have another encoding and is set aside. In a file that seems to have another
        encoding, any invalid byte is enough. A single one in a short text may mean either; the end of the job judges by
        the number of such documents.
        """
        try:
            return data.decode()
        except UnicodeDecodeError:
            invalid = invalid_bytes(data)
        many = len(invalid) > len(data) * _MAX_BAD_SHARE
        suspected = self.suspected or suspected_encoding(invalid, len(data))
        if self.suspected or (many and len(invalid) > 1):
            detail = f"{len(invalid)} of {len(data)} bytes are not UTF-8; it seems to be {suspected}"
            self.reject(offset, len(data), "invalid_utf8", detail)
            return None
        self.repair("invalid_utf8_bytes_dropped")
        if many:
            self.doubtful += 1
            self.noted.add(f"{DOUBTFUL}, but may be {suspected}")
        return data.decode("utf-8", "ignore")

    def encodable(self, text: str) -> str:
        """`text` without lone surrogates, which JSON can express but UTF-8 cannot. Counts as a repair."""
        try:
            text.encode()
        except UnicodeEncodeError:
            self.repair("lone_surrogates_dropped")
            return text.encode("utf-8", "ignore").decode()
        return text

    def counts(self) -> dict[str, Any]:
        """The counts. `merge_counts` adds them to those of other sources."""
        return {
            "bytes_read": self.bytes_read,
            "rejected": dict(self.rejected),
            "rejected_bytes": dict(self.rejected_bytes),
            "repaired": dict(self.repaired),
            "doubtful": self.doubtful,
            "noted": {note: {self.source: 1} for note in self.noted},
        }
