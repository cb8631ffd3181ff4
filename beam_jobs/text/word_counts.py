"""Words with their counts as compact bytes: as they travel from the workers to the learner of the vocabulary."""

import zlib

import numpy as np

_COMPRESSION_LEVEL = 1


def pack_counts(counts: np.ndarray, text: bytes) -> bytes:
    """Counts, int64 [words], and the words themselves in UTF-8, a newline behind each, as fewer bytes."""
    # not by ISA-L: what it makes of one buffer at once can differ from call to call, and an item that is done twice must not differ
    content = len(counts).to_bytes(8, "little") + counts.astype("<i8").tobytes() + text
    return zlib.compress(content, _COMPRESSION_LEVEL)


def unpack_counts(data: bytes) -> tuple[np.ndarray, bytes]:
    """The inverse of `pack_counts`."""
    content = zlib.decompress(data)
    size = int.from_bytes(content[:8], "little")
    return np.frombuffer(content, "<i8", size, 8), content[8 + 8 * size :]


def word_list(text: bytes) -> list[bytes]:
    """The words of a text that has a newline behind each."""
    return text.split(b"\n")[:-1]
