"""Word counts on their way from the workers to the learner: in partitions, as compact bytes."""

import zlib
from collections.abc import Mapping

import numpy as np

_COMPRESSION_LEVEL = 1


def partition_counts(counts: Mapping[str, int], partitions: int) -> list[dict[str, int]]:
    """The counts spread over so many parts by a hash of the word, the same in every process."""
    parts: list[dict[str, int]] = [{} for _ in range(partitions)]
    for word, count in counts.items():
        parts[zlib.crc32(word.encode("utf-8", "surrogatepass")) % partitions][word] = count
    return parts


def most_frequent(counts: Mapping[str, int], limit: int) -> dict[str, int]:
    """The `limit` most frequent words; among equally frequent ones those that sort first."""
    if len(counts) <= limit:
        return dict(counts)
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return dict(ranked[:limit])


def pack_counts(counts: Mapping[str, int]) -> bytes:
    """The counts as bytes, the same for equal counts in any order; about 5 bytes a word."""
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
