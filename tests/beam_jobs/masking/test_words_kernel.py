import numpy as np
import pytest

from beam_jobs.masking.mask_kernel import workspace
from beam_jobs.masking.rules import mask_rules
from beam_jobs.masking.words_kernel import find_words, read_words
from vocab.vocabulary import parse_vocabulary

PIECES = "[PAD] [UNK] [CLS] [SEP] [MASK] a ##b"
TEXT = "[CLS] a ##b a [SEP] ##b ##b a [SEP]"  # the second segment begins with a piece that truncation left over


def rules_of(masking):
    vocabulary = parse_vocabulary("\n".join(PIECES.split()).encode(), "test")
    return mask_rules(
        vocabulary, masking=masking, replace_per="piece", probability=0.15, sequence_length=9, max_predictions=2
    )


def words_of(find, *arguments):
    work = workspace(9)
    count = find(*arguments, work.begins, work.candidates)
    end = work.begins.tolist().index(9)
    return work.begins[: end + 1].tolist(), work.candidates[:count].tolist()


@pytest.mark.parametrize(
    ("masking", "begins", "candidates"),
    [
        ("whole_word", [0, 1, 3, 4, 5, 7, 8, 9], [1, 2, 4, 5]),
        ("wordpiece", [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 3, 5, 6, 7]),
    ],
)
def test_words_by_the_vocabulary_and_by_what_a_record_stores(masking, begins, candidates):
    rules = rules_of(masking)
    pieces = np.array([PIECES.split().index(piece) for piece in TEXT.split()], np.int32)
    assert words_of(find_words, pieces, 9, rules.piece_flags) == (begins, candidates)
    stored = np.packbits([1, 1, 0, 1, 1, 1, 0, 1, 1], bitorder="little")
    assert words_of(read_words, pieces, 9, stored, rules) == (begins, candidates)


def test_what_a_record_stores_counts_and_not_the_vocabulary():
    pieces = np.array([2, 5, 5, 5, 5, 5, 5, 5, 3], np.int32)
    stored = np.packbits([1, 1, 0, 0, 1, 0, 0, 0, 0], bitorder="little")
    assert words_of(read_words, pieces, 9, stored, rules_of("whole_word")) == ([0, 1, 4, 8, 9], [1, 2])
