"""Word counts as they travel from the workers to the learner of the vocabulary: in partitions, as compact bytes."""

import zlib
from collections.abc import Mapping

import numpy as np

_COMPRESSION_LEVEL = 1


def partition_counts(counts: Mapping[str, int], partitions: int) -> list[dict[str, int]]:
    """The counts in `partitions` parts. A hash of the word, equal in every process, says which part it belongs to."""
    parts: list[dict[str, int]] = [{} for _ in range(partitions)]
    for word, count in counts.items():
        parts[zlib.crc32(word.encode("utf-8", "surrogatepass")) % partitions][word] = count
    return parts


def most_frequent(counts: Mapping[str, int], limit: int) -> dict[str, int]:
    """The `limit` most frequent words. Of equally frequent words, those that sort first are kept."""
    if len(counts) <= limit:
        return dict(counts)
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return dict(ranked[:limit])


def pack_counts(counts: Mapping[str, int]) -> bytes:
    """The counts as bytes, about 5 for each word. Equal counts give equal bytes, in whatever order they come."""
    words = sorted(counts)
    numbers = np.fromiter((counts[word] for word in words), "<i8", len(words))
    text = "\n".join(words).encode("utf-8", "surrogatepass")
    return zlib.compress(len(words).to_bytes(8, "little") + numbers.tobytes() + text, _COMPRESSION_LEVEL)


def unpack_counts(data: bytes) -> dict[str, int]:
    """The inverse of `pack_counts`."""
    content = zlib.decompress(data)
    size = int.from_bytes(content[:8], "little")
    numbers = np.frombuffer(content, "<i8", size, 8).tolist()
    words = content[8 + 8 * size :].decode("utf-8", "surrogatepass").split("\n") if size else []
    return dict(zip(words, numbers, strict=True))
