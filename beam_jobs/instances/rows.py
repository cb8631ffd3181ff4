"""The plan of an instance: the places of its segments in the shard's pieces, in 24 bytes for any sequence length."""

import numpy as np

PLANNED_INSTANCE = np.dtype(
    [
        ("a_start", np.int64),  # first piece of segment A, an offset into the shard's ids
        ("b_start", np.int64),  # first piece of segment B; full_sentences: the document of the first piece
        ("a_length", np.uint16),  # pieces of segment A
        ("b_length", np.uint16),  # pieces of segment B, 0 without one
        ("separators", np.uint16),  # full_sentences: [SEP] between documents inside the instance
        ("label", np.uint8),  # next_sentence_labels
        ("truncated", np.uint8),  # whether pieces were cut off to make it fit
    ],
    align=True,
)
