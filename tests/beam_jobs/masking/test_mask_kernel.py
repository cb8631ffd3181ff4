import numpy as np
import pytest

from beam_jobs.masking.mask_kernel import mask_pieces, workspace
from beam_jobs.masking.plain import mask_plainly
from beam_jobs.masking.rules import mask_rules
from beam_jobs.masking.words_kernel import find_words
from beam_jobs.records.counter_random import path_key
from vocab.vocabulary import parse_vocabulary

PIECES = "[PAD] [UNK] [CLS] [SEP] [MASK] a b ##c ##d"
TEXT = [2, 5, 7, 8, 6, 3, 7, 5, 7, 6, 6, 3]


@pytest.mark.parametrize("masking", ["whole_word", "wordpiece", "span", "ngram"])
def test_one_workspace_serves_one_instance_after_the_other(masking):
    vocabulary = parse_vocabulary("\n".join(PIECES.split()).encode(), "test")
    rules = mask_rules(
        vocabulary, masking=masking, replace_per="piece", probability=0.5, sequence_length=12, max_predictions=12
    )
    work, fates, all_fates = workspace(12), np.zeros(3, np.int64), []
    for seed in range(60):
        text = TEXT if seed % 2 else [*TEXT[:5], 3]  # a short one must not see what a long one has left behind
        pieces = np.array(text, np.int32)
        words = find_words(pieces, len(text), rules.piece_flags, work.begins, work.candidates)
        budget = rules.budgets[len(text)]
        key = path_key(seed)
        count = mask_pieces(pieces, len(text), words, budget, rules, np.uint64(key), work, fates)
        masked, positions, of_these = mask_plainly(text, key, rules)
        all_fates += of_these
        assert pieces.tolist() == masked
        assert work.positions[:count].tolist() == positions
        assert work.originals[:count].tolist() == [text[i] for i in positions]
    assert fates.tolist() == [all_fates.count(fate) for fate in range(3)]


def test_a_workspace_has_room_for_the_end_after_the_last_piece():
    assert [(array.dtype, len(array)) for array in workspace(12)] == [(np.dtype(np.int32), 13)] * 5
