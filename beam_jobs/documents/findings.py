"""What a reader finds wrong with its input: documents set aside, and documents kept after a repair."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from beam_jobs.documents.text_head import invalid_bytes, suspected_encoding
from beam_jobs.records import Rejection

MAX_DOCUMENT_BYTES = 256 << 20
"""A longer document is set aside: it must be held whole to be segmented, and memory is bounded."""

DOUBTFUL = "bytes dropped that are not UTF-8"
"""How the note about a file begins in which that happened to short texts."""

METADATA = "one JSON object without a field"
"""How the note about a .json file begins that describes documents rather than holding one."""

_MAX_BAD_SHARE = 0.001  # more invalid bytes than this, and the text is in another encoding rather than damaged


class Findings:
    """Rejections and repairs of one source; every rejection goes at once to `write`, so that memory stays bounded."""

    def __init__(self, source: str, write: Callable[[Rejection], None]) -> None:
        self.source = source
        self.bytes_read = 0  # of the (decompressed) input, what was lost included: readers add what they go through
        self.rejected: Counter[str] = Counter()  # documents by reason
        self.rejected_bytes: Counter[str] = Counter()  # their sizes
        self.repaired: Counter[str] = Counter()  # documents by kind of repair
        self.doubtful = 0  # documents among these that may as well be in another encoding
        self.noted: set[str] = set()  # what is odd about the file as a whole, though it could be read
        self.suspected = ""  # the encoding that the file seems to be in, where that is not UTF-8
        self._write = write

    def reject(self, offset: int, size: int, reason: str, detail: str = "", id: str = "") -> None:
        """Set something aside; `offset` and `size` are in bytes of the (decompressed) file; the offset in a Parquet file
        is the row."""
        self.rejected[reason] += 1
        self.rejected_bytes[reason] += size
        detail = " ".join(detail.split())
        self._write(Rejection(self.source, offset, reason, detail, id.encode("utf-8", "replace").decode(), size))

    def reject_damaged(self, offset: int, detail: str, size: int, share_read: float, read: int) -> None:
        """Set the rest of a damaged file aside, after `share_read` of it and `read` bytes of text; `size` is a guess at all.

        How much is missing from a file that was cut, nobody knows, and a checksum that fails at the end means damage
        before it: the loss is weighed as the unread rest, and as no less than what was read.
        """
        whole = int(read / share_read) if read and share_read else size
        lost = max(whole - read, read, 1)
        self.bytes_read += lost
        kept = "what stands before is kept" if read else "nothing could be read"
        self.reject(offset, lost, "damaged_file", f"{detail}; {kept}")

    def reject_file(self, size: int, reason: str, detail: str, first: bool) -> None:
        """Set a whole file aside, range by range; the `first` range speaks for all, each weighs its own bytes."""
        self.bytes_read += size
        if first:
            self.reject(0, size, reason, detail)
        else:
            self.rejected_bytes[reason] += size

    def repair(self, kind: str) -> None:
        """Count a document that is kept, but not as it was."""
        self.repaired[kind] += 1

    def decode(self, data: bytes, offset: int) -> str | None:
        """The text of UTF-8 bytes.

        A few invalid bytes are dropped and counted as a repair. With many (above 1 in 1000, and above 1) the document is
        set aside, since it must be in another encoding; so it is with any in a file that seems to be in another one. One
        in a short text may be either, and the job's end weighs how many such documents there are.
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
        """`text` without lone surrogates (JSON can spell them, UTF-8 cannot); counted as a repair."""
        try:
            text.encode()
        except UnicodeEncodeError:
            self.repair("lone_surrogates_dropped")
            return text.encode("utf-8", "ignore").decode()
        return text

    def counts(self) -> dict[str, Any]:
        """The counts, to be added up with those of other sources by `merge_counts`."""
        return {
            "bytes_read": self.bytes_read,
            "rejected": dict(self.rejected),
            "rejected_bytes": dict(self.rejected_bytes),
            "repaired": dict(self.repaired),
            "doubtful": self.doubtful,
            "noted": {note: {self.source: 1} for note in self.noted},
        }
