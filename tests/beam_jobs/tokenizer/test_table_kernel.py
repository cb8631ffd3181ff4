import numpy as np

from beam_jobs.tokenizer.byte_words import PADDING
from beam_jobs.tokenizer.table_kernel import add_word, has_slot, word_bytes
from beam_jobs.tokenizer.word_table import WordTable

WORDS = [b"a" * length + end for length in range(1, 40) for end in (b"", b"\0", b"b")]


def test_a_full_table_takes_more_of_the_words_that_it_has_but_no_new_ones():
    table = WordTable()
    data = np.frombuffer(b"".join(WORDS) + bytes(PADDING), np.uint8)
    starts = np.cumsum([0, *map(len, WORDS)])
    rows = [(np.uint64(start), np.uint64(len(word))) for start, word in zip(starts, WORDS, strict=False)]
    for start, length in rows:
        assert add_word(table.arrays, data, start, length, np.uint64(2))
    number = 0
    while has_slot(table.arrays.entries, table.arrays.state):
        other = np.frombuffer(b"%08d" % number + bytes(PADDING), np.uint8)
        assert add_word(table.arrays, other, np.uint64(0), np.uint64(8), np.uint64(1))
        number += 1
    new = np.frombuffer(b"new" + b"long" * 9 + bytes(PADDING), np.uint8)
    for length in (3, 30):
        assert not add_word(table.arrays, new, np.uint64(0), np.uint64(length), np.uint64(1))
    for start, length in rows:
        assert add_word(table.arrays, data, start, length, np.uint64(3))
    found = {}
    for slot in table.slots():
        array, offset, length = word_bytes(table.arrays, slot)
        found[array[offset : offset + length].tobytes()] = int(table.arrays.entries[slot, 3])
    assert {word: found.get(word) for word in WORDS} == dict.fromkeys(WORDS, 5)
    assert table.distinct == number + len(WORDS)
