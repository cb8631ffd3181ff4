"""The pieces of a vocabulary as a trie, for greedy longest-match WordPiece in compiled code.

Nodes are numbered in depth-first order, so the first child of a node is the next node. Most of a word is matched along
such a chain, which lies in one or two cache lines. The other children are found in a hash table of edges.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numba
import numpy as np

NO_PIECE = 0xFFFFFFFF
WORD_ROOT = 0

# A node holds the code point of its first child (0: none), whether it has more children, and the piece that ends here.
_CODE_POINT = np.uint64(0x1FFFFF)
_CODE_POINT_BITS = np.uint64(21)
_HAS_MORE = np.uint64(1 << 21)
_HALF = np.uint64(32)
_NO_PIECE_HERE = np.uint64(NO_PIECE << 32)
_ONE = np.uint64(1)
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


class PieceTrie(NamedTuple):
    """Two tries: pieces that begin a word, from node 0, and pieces after "##", from `continuation_root`."""

    nodes: np.ndarray  # uint64 [nodes]
    edges: np.ndarray  # uint64 [slots, 2], open addressing: node << 21 | code point, plus 1 (0: empty); child
    continuation_root: int


def build_trie(ids: Mapping[str, int]) -> PieceTrie:
    """The trie of a vocabulary: `ids` maps each piece to its id, at least 0."""
    # The two kinds of pieces cannot be confused: no word begins with "##", because # is punctuation.
    continuations = sorted(piece[2:] for piece in ids if piece.startswith("##") and piece != "##")
    beginnings = sorted(piece for piece in ids if piece and not piece.startswith("##"))
    pieces = beginnings + continuations
    piece_ids = np.array(
        [*(ids[piece] for piece in beginnings), *(ids["##" + rest] for rest in continuations)], np.int64
    )
    code_points = np.frombuffer("".join(pieces).encode("utf-32-le", "surrogatepass"), np.uint32)
    lengths = np.fromiter(map(len, pieces), np.int64, len(pieces))
    nodes = np.full(len(code_points) + 2, _NO_PIECE_HERE)
    edges = np.zeros((1 << (2 * len(pieces) + 8).bit_length(), 2), np.uint64)  # a piece adds at most one edge
    path = np.zeros(lengths.max(initial=0) + 1, np.int64)
    count, root = _insert_pieces(nodes, edges, path, code_points, lengths, piece_ids, len(beginnings))
    return PieceTrie(nodes[:count].copy(), edges, root)


@numba.njit(cache=True)
def _insert_pieces(nodes, edges, path, code_points, lengths, piece_ids, beginnings):
    mask = np.uint64(len(edges) - 1)
    count = 1
    root = 0
    start = previous = previous_length = 0
    path[0] = WORD_ROOT
    for piece in range(len(lengths) + 1):
        if piece == beginnings:
            root = path[0] = count
            count += 1
            previous_length = 0
        if piece == len(lengths):
            break
        length = lengths[piece]
        common = 0
        while common < min(length, previous_length) and code_points[start + common] == code_points[previous + common]:
            common += 1
        for depth in range(common, length):
            parent = path[depth]
            code_point = np.uint64(code_points[start + depth])
            if parent == count - 1:
                nodes[parent] |= code_point
            else:
                nodes[parent] |= _HAS_MORE
                edge = ((np.uint64(parent) << _CODE_POINT_BITS) | code_point) + _ONE
                slot = ((edge * _GOLDEN) >> _HALF) & mask
                while edges[slot, 0] != 0:
                    slot = (slot + _ONE) & mask
                edges[slot, 0] = edge
                edges[slot, 1] = np.uint64(count)
            path[depth + 1] = count
            count += 1
        node = path[length]
        nodes[node] = (nodes[node] & ~_NO_PIECE_HERE) | (np.uint64(piece_ids[piece]) << _HALF)
        previous = start
        previous_length = length
        start += length
    return count, root


@numba.njit(cache=True)
def match_word(nodes, edges, continuation_root, word, length, unknown, out, at):
    """Write the ids of the pieces of `word[:length]`, code points, or one `unknown` to `out[at:]`. Returns the new `at`.

    A word is unknown if its `length` is more than `word` can hold, which is max_input_chars_per_word.
    """
    if length > len(word):
        out[at] = unknown
        return at + 1
    mask = np.uint64(len(edges) - 1)
    no_piece = np.uint64(NO_PIECE)
    begin = at
    start = 0
    root = np.uint64(WORD_ROOT)
    while start < length:
        node = root
        longest = no_piece
        end = start
        i = start
        content = nodes[node]
        while i < length:
            code_point = np.uint64(word[i])
            if content & _CODE_POINT == code_point:
                node += _ONE
            elif content & _HAS_MORE:
                edge = ((node << _CODE_POINT_BITS) | code_point) + _ONE
                slot = ((edge * _GOLDEN) >> _HALF) & mask
                while edges[slot, 0] != 0 and edges[slot, 0] != edge:
                    slot = (slot + _ONE) & mask
                if edges[slot, 0] == 0:
                    break
                node = edges[slot, 1]
            else:
                break
            content = nodes[node]
            i += 1
            if content >> _HALF != no_piece:
                longest = content >> _HALF
                end = i
        if longest == no_piece:
            out[begin] = unknown
            return begin + 1
        out[at] = np.int32(longest)
        at += 1
        start = end
        root = np.uint64(continuation_root)
    return at
