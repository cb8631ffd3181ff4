"""The features of an instance record, a `tf.train.Example`: as they are called and what they hold."""

CLASSIC_FEATURES = (
    "input_ids",  # int64 [max_seq_length], padded with 0, whatever the id of [PAD]
    "input_mask",  # int64 [max_seq_length], 1 for a piece, 0 for padding
    "segment_ids",  # int64 [max_seq_length], 0 for [CLS] A [SEP], 1 for B [SEP]
    "masked_lm_positions",  # int64 [max_predictions_per_seq], ascending, padded with 0
    "masked_lm_ids",  # int64 [max_predictions_per_seq], the original pieces, padded with 0
    "masked_lm_weights",  # float32 [max_predictions_per_seq], 1.0 for a prediction, 0.0 for padding
    "next_sentence_labels",  # int64 [1], 1 when the second segment is random (nsp) or swapped (sop)
)

DYNAMIC_FEATURES = (
    "input_ids",  # int64 [pieces], [CLS] A [SEP] B [SEP], unmasked and unpadded
    "segment_lengths",  # int64 [2], pieces of [CLS] A [SEP] and of B [SEP]; the second is 0 without a second segment
    "word_starts",  # bytes [ceil(pieces / 8)], bit i % 8 of byte i // 8 set when piece i begins a word (or is special)
    "next_sentence_labels",  # int64 [1]
)
