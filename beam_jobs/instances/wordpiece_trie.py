"""The pieces of a vocabulary as a trie, for greedy longest-match WordPiece in compiled code.

The edges of the trie are one open-addressing hash table: (node, code point) -> (child, piece that ends at the child).
Node 0 is where a word begins, node 1 where a "##" piece begins.
"""

from collections.abc import Mapping

import numba
import numpy as np

WORD_ROOT, CONTINUATION_ROOT = 0, 1
NO_PIECE = 0xFFFFFFFF
_CODE_POINT_BITS = np.uint64(21)
_ONE = np.uint64(1)
_HALF = np.uint64(32)
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def build_trie(ids: Mapping[str, int]) -> np.ndarray:
    """uint64 [slots, 2], slots a power of two: the edge + 1 (0: empty), and child << 32 | piece id (or NO_PIECE)."""
    pieces = [piece for piece in ids if piece and piece != "##"]
    is_continuation = np.array([piece.startswith("##") for piece in pieces], np.bool_)
    texts = [piece[2:] if piece.startswith("##") else piece for piece in pieces]
    code_points = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32)
    ends = np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)))
    piece_ids = np.fromiter((ids[piece] for piece in pieces), np.int64, len(pieces))
    slots = 1 << max(4, int(2 * len(code_points)).bit_length())  # at most half full
    edges = np.zeros((slots, 2), np.uint64)
    _insert_pieces(edges, code_points, ends, is_continuation, piece_ids)
    return edges


@numba.njit(cache=True)
def _insert_pieces(edges, code_points, ends, is_continuation, piece_ids):
    mask = np.uint64(len(edges) - 1)
    nodes = 2
    start = 0
    for piece in range(len(ends)):
        node = CONTINUATION_ROOT if is_continuation[piece] else WORD_ROOT
        slot = np.uint64(0)
        for i in range(start, ends[piece]):
            edge = ((np.uint64(node) << _CODE_POINT_BITS) | np.uint64(code_points[i])) + _ONE
            slot = ((edge * _GOLDEN) >> _HALF) & mask
            while edges[slot, 0] != 0 and edges[slot, 0] != edge:
                slot = (slot + _ONE) & mask
            if edges[slot, 0] == 0:
                edges[slot, 0] = edge
                edges[slot, 1] = (np.uint64(nodes) << _HALF) | np.uint64(NO_PIECE)
                nodes += 1
            node = np.int64(edges[slot, 1] >> _HALF)
        edges[slot, 1] = (np.uint64(node) << _HALF) | np.uint64(piece_ids[piece])
        start = ends[piece]


@numba.njit(cache=True)
def match_word(edges, word, length, unknown, out, at):
    """Write the ids of the pieces of `word[:length]` (code points) to `out[at:]`, or one `unknown`; the new `at`."""
    mask = np.uint64(len(edges) - 1)
    begin = at
    start = 0
    root = WORD_ROOT
    while start < length:
        node = np.uint64(root)
        longest = np.uint64(NO_PIECE)
        end = start
        i = start
        while i < length:
            edge = ((node << _CODE_POINT_BITS) | np.uint64(word[i])) + _ONE
            slot = ((edge * _GOLDEN) >> _HALF) & mask
            while edges[slot, 0] != 0 and edges[slot, 0] != edge:
                slot = (slot + _ONE) & mask
            if edges[slot, 0] == 0:
                break
            node = edges[slot, 1] >> _HALF
            i += 1
            piece = edges[slot, 1] & np.uint64(NO_PIECE)
            if piece != np.uint64(NO_PIECE):
                longest = piece
                end = i
        if longest == np.uint64(NO_PIECE):
            out[begin] = unknown
            return begin + 1
        out[at] = np.int32(longest)
        at += 1
        start = end
        root = CONTINUATION_ROOT
    return at
