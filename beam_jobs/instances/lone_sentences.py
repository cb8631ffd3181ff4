"""Cuts documents of a single sentence in two, so that they too can give a true pair of segments.

In the original BERT every such document gets a random second segment, because nothing follows its sentence. A corpus of
tweets or headlines then has no true pair at all. With `--compatibility=fixed` the sentence is cut at a random word
boundary, a different one in every copy. The halves are then treated as sentences everywhere: as segment A, as a true
second segment, and as a random one for others. So the model cannot guess the label from a half sentence.
"""

import numba
import numpy as np

from beam_jobs.records.counter_random import derive_key, draw_below


@numba.njit(cache=True, nogil=True)
def split_lone_sentences(
    ids: np.ndarray,
    sentence_starts: np.ndarray,
    document_starts: np.ndarray,
    word_start: np.ndarray,
    key: np.uint64,
) -> tuple[np.ndarray, np.ndarray]:
    """`sentence_starts` and `document_starts` (int64) with the sentence of every one-sentence document cut in two.

    `word_start` is bool [vocabulary size]. All boundaries between words are equally likely. A sentence of a single word
    stays whole.
    """
    documents = len(document_starts) - 1
    lone = 0
    for d in range(documents):
        lone += document_starts[d + 1] - document_starts[d] == 1
    sentences = np.empty(len(sentence_starts) + lone, np.int64)
    starts = np.empty(documents + 1, np.int64)
    n = 0
    for d in range(documents):
        starts[d] = n
        for s in range(document_starts[d], document_starts[d + 1]):
            sentences[n] = sentence_starts[s]
            n += 1
        if document_starts[d + 1] - document_starts[d] == 1:
            first = sentence_starts[document_starts[d]]
            stop = sentence_starts[document_starts[d] + 1]
            boundaries = 0
            for i in range(first + 1, stop):
                boundaries += word_start[ids[i]]
            if boundaries > 0:
                wanted = draw_below(derive_key(key, d), 0, boundaries)
                i = first
                while wanted >= 0:
                    i += 1
                    wanted -= word_start[ids[i]]
                sentences[n] = i
                n += 1
    starts[documents] = n
    sentences[n] = sentence_starts[-1]
    return sentences[: n + 1], starts
