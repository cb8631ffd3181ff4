import io

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from beam_jobs.decoding.decode_batch import decode_batch
from beam_jobs.decoding.summary import Summary, summarise
from beam_jobs.records.tfrecord_stream import read_record_batches


def summary_of(records, frame, vocabulary, chosen=None):
    (batch,) = read_record_batches(io.BytesIO(frame(records)), "shard")
    chosen = np.ones(len(records), bool) if chosen is None else np.array(chosen)
    return summarise(decode_batch(batch, "shard"), vocabulary, chosen)


def test_one_instance_by_hand(serialise, frame, classic, small_vocabulary):
    # [CLS] så [MASK->hund]##en . [SEP] katt blå ##bær . [SEP]: hund, katt and ##bær are predicted
    summary = summary_of([serialise(classic())], frame, small_vocabulary)
    assert summary == Summary(
        instances=1, pieces=11, stored=14, masked=1, random=1, kept=1, long_words=2,
        labels=summary.labels, lengths=summary.lengths, predictions_per_instance=summary.predictions_per_instance,
        predicted_at=summary.predicted_at,
    )  # fmt: skip
    assert (summary.predictions, summary.padding) == (3, 3)
    assert summary.labels.tolist() == [0, 1]
    assert np.flatnonzero(summary.lengths).tolist() == [11]
    assert np.flatnonzero(summary.predictions_per_instance).tolist() == [3]
    assert np.flatnonzero(summary.predicted_at).tolist() == [2, 6, 8]


def test_whole_words_unknown_pieces_and_single_segments(serialise, frame, classic, small_vocabulary):
    features = {
        "input_ids": [2, 1, 4, 4, 3],
        "input_mask": [1] * 5,
        "segment_ids": [0] * 5,
        "masked_lm_positions": [1, 2, 3],
        "masked_lm_ids": [1, 6, 10],
        "masked_lm_weights": [1.0] * 3,
    }
    summary = summary_of([serialise(features)], frame, small_vocabulary)
    assert (summary.long_words, summary.whole_words) == (1, 1)
    assert (summary.unknown, summary.kept, summary.one_segment) == (1, 1, 1)
    assert summary.labels.tolist() == [0, 0]


def test_a_cut_word_behind_cls_is_no_part_of_it(serialise, frame, classic, small_vocabulary):
    features = classic(input_ids=[2, 10, 4, 12, 13, 3, 7, 9, 6, 13, 3, 0, 0, 0])
    summary = summary_of([serialise(features)], frame, small_vocabulary)
    assert (summary.long_words, summary.whole_words) == (2, 0)


@given(st.lists(st.booleans(), min_size=1, max_size=8), st.integers(1, 7))
@settings(max_examples=30, deadline=None)
def test_parts_add_up(serialise, frame, classic, dynamic, small_vocabulary, kinds, cut):
    records = [serialise(dynamic() if kind else classic()) for kind in kinds]
    whole = summary_of(records, frame, small_vocabulary)
    parts = [summary_of(part, frame, small_vocabulary) for part in (records[:cut], records[cut:]) if part]
    total = sum(parts, Summary())
    for name in vars(whole):
        a, b = np.atleast_1d(getattr(whole, name)), np.atleast_1d(getattr(total, name))
        assert np.trim_zeros(a, "b").tolist() == np.trim_zeros(b, "b").tolist(), name
    assert whole.dynamic == sum(kinds)


def test_rows_that_are_not_chosen_do_not_count(serialise, frame, classic, small_vocabulary):
    broken = serialise(classic(masked_lm_positions=[2, 6, 10**12, 0], input_ids=[999] * 14))
    summary = summary_of([broken, serialise(classic())], frame, small_vocabulary, [False, True])
    assert (summary.instances, summary.pieces) == (1, 11)
