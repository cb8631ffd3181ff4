"""What a reader finds wrong with its input: documents set aside, and documents kept after a repair."""

from collections import Counter
from collections.abc import Callable

from beam_jobs.records import Rejection

MAX_DOCUMENT_BYTES = 256 << 20
"""A longer document is set aside: it must be held whole to be segmented, and memory is bounded."""

_MAX_BAD_SHARE = 0.001  # more invalid bytes than this, and the text is in another encoding rather than damaged


class Findings:
    """Rejections and repairs of one source; every rejection goes at once to `write`, so that memory stays bounded."""

    def __init__(self, source: str, write: Callable[[Rejection], None]) -> None:
        self.source = source
        self.rejected: Counter[str] = Counter()  # documents by reason
        self.repaired: Counter[str] = Counter()  # documents by kind of repair
        self._write = write

    def reject(self, offset: int, reason: str, detail: str = "", id: str = "") -> None:
        """Set something aside; `offset` is in bytes of the (decompressed) file, or the row of a Parquet file."""
        self.rejected[reason] += 1
        detail = " ".join(detail.split())
        self._write(Rejection(self.source, offset, reason, detail, id.encode("utf-8", "replace").decode()))

    def repair(self, kind: str) -> None:
        """Count a document that is kept, but not as it was."""
        self.repaired[kind] += 1

    def decode(self, data: bytes, offset: int) -> str | None:
        """The text of UTF-8 bytes. A few invalid bytes are dropped and counted as a repair; with many (above 1 in 1000)
        the document is set aside, since it must be in another encoding."""
        try:
            return data.decode()
        except UnicodeDecodeError:
            text = data.decode("utf-8", "ignore")
        bad = len(data) - len(text.encode())
        if bad > max(1, len(data) * _MAX_BAD_SHARE):
            self.reject(offset, "invalid_utf8", f"{bad} of {len(data)} bytes are not UTF-8: is it in another encoding?")
            return None
        self.repair("invalid_utf8_bytes_dropped")
        return text

    def encodable(self, text: str) -> str:
        """`text` without lone surrogates (JSON can spell them, UTF-8 cannot); counted as a repair."""
        try:
            text.encode()
        except UnicodeEncodeError:
            self.repair("lone_surrogates_dropped")
            return text.encode("utf-8", "ignore").decode()
        return text
