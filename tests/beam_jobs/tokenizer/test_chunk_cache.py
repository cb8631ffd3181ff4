import numpy as np
import pytest

from beam_jobs.tokenizer.byte_words import (
    ASCII_PUNCTUATION,
    BLANK,
    IN_CHUNK,
    LINE_END,
    PADDING,
    load_word,
    mark_bytes,
    trailing_zeros,
)
from beam_jobs.tokenizer.chunk_cache import (
    COUNT_SHIFT,
    DESCRIPTION,
    FIRST_ID,
    MAX_BYTES,
    MISSING,
    WHOLE_TOKEN,
    ask_for_chunks,
    find,
    insert,
    new_cache,
    pack_bytes,
)
from vocab.characters import ASCII_PUNCTUATION as PUNCTUATION_CHARACTERS


class Cache:
    """The cache, used from Python."""

    def __init__(self, megabytes: float) -> None:
        self.words = new_cache(megabytes)
        self.ids = self.words.view(np.int32)
        self.following = 0

    def _key(self, text: bytes, flags: int) -> tuple:
        # Whatever follows the text in its shard must not matter.
        self.following += 1
        data = np.frombuffer(text + bytes([self.following % 256]) * PADDING, np.uint8)
        words = pack_bytes(data, np.uint64(0), np.uint64(len(text)))
        return tuple(np.uint64(word) for word in (*words, len(text) | flags))

    def put(self, text: bytes, ids: list[int], flags: int = 0) -> None:
        *words, key = self._key(text, flags)
        description = key | np.uint64(len(ids) << COUNT_SHIFT)
        insert(self.words, self.ids, *words, description, np.array([99, *ids], np.int32), 1, len(ids))

    def get(self, text: bytes, flags: int = 0) -> list[int] | None:
        entry = find(self.words, *self._key(text, flags))
        if entry == int(MISSING):
            return None
        count = int(self.words[entry, DESCRIPTION]) >> COUNT_SHIFT
        return self.ids[entry, int(FIRST_ID) : int(FIRST_ID) + count].tolist()


def test_what_is_kept_is_found_and_nothing_else() -> None:
    cache = Cache(4)
    texts = [bytes(range(65, 65 + size)) for size in range(1, MAX_BYTES + 1)]
    texts += [b"a", b"a\0", b"a\0\0", b"\0", b"\0a", b"\0" * 8, b"\0" * 9, b"\0" * 24, b"\xff" * 24]
    for i, text in enumerate(texts):
        assert cache.get(text) is None
        cache.put(text, list(range(i, i + i % 9)))
    for i, text in enumerate(texts):
        assert cache.get(text) == list(range(i, i + i % 9))
        assert cache.get(text, WHOLE_TOKEN) is None
    assert cache.get(b"b") is None
    chunk = cache.get(b"a")
    cache.put(b"a", [500], WHOLE_TOKEN)
    assert cache.get(b"a", WHOLE_TOKEN) == [500]
    assert cache.get(b"a") == chunk


def test_a_full_set_loses_its_older_entry() -> None:
    cache = Cache(0)
    assert cache.words.shape == (2, 8)
    cache.put(b"a", [1])
    cache.put(b"b", [2])
    cache.put(b"c", [3])
    assert [cache.get(text) for text in (b"a", b"b", b"c")] == [None, [2], [3]]


@pytest.mark.parametrize("megabytes", [0, 0.001, 1, 33.6])
def test_the_size_is_bounded_and_lines_are_aligned(megabytes: float) -> None:
    words = new_cache(megabytes)
    assert words.nbytes <= max(128, megabytes * 1e6) < 2 * words.nbytes + 128
    assert words.ctypes.data % 64 == 0
    assert len(words) & (len(words) - 1) == 0


def test_bytes_are_marked_for_cutting() -> None:
    data = np.zeros(256 + PADDING, np.uint8)
    data[:256] = np.arange(256)
    kinds = np.zeros_like(data)
    mark_bytes(data, kinds, 256)
    expected = [IN_CHUNK] * 256
    for character in PUNCTUATION_CHARACTERS:
        expected[ord(character)] = ASCII_PUNCTUATION
    expected[ord(" ")] = expected[ord("\t")] = BLANK
    expected[ord("\n")] = LINE_END
    assert kinds.tolist() == expected + [LINE_END] * PADDING


def test_words_are_little_endian_and_unaligned() -> None:
    import numba

    @numba.njit
    def loaded(data, index):
        return load_word(data, index), trailing_zeros(load_word(data, index))

    data = np.array([0, 0, 16, 3, 0, 0, 0, 0, 0, 128, 7], np.uint8)
    assert loaded(data, np.uint64(1)) == (int.from_bytes(data[1:9].tobytes(), "little"), 12)
    assert loaded(data, np.uint64(2))[0] == int.from_bytes(data[2:10].tobytes(), "little")


def test_an_entry_that_moves_keeps_all_its_ids() -> None:
    cache = Cache(0)
    cache.put(b"a", [1, 2, 3, 4, 5, 6, 7, 8])
    cache.put(b"b", [9])
    assert cache.get(b"a") == [1, 2, 3, 4, 5, 6, 7, 8]


def test_chunks_are_asked_for_up_to_the_end_of_the_last_one_and_the_cache_stays_as_it_is():
    text = b"Et svinaktig langt_ord: " + b"x" * 50 + b" y\n"
    data, kinds = np.zeros((2, len(text) + PADDING), np.uint8)
    data[: len(text)] = np.frombuffer(text, np.uint8)
    mark_bytes(data, kinds, len(text))
    cache = new_cache(0.01)
    ends = [int(ask_for_chunks(cache, data, kinds, np.uint64(at), np.uint64(at + 6))) for at in (0, 4, 20)]
    assert ends == [13, 13, 75]  # each with the byte behind the chunk
    assert not cache.any()
