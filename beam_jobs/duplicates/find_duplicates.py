"""The whole choice for documents whose keys fit into memory."""

import numpy as np

from beam_jobs.duplicates.band_keys import BANDS, band_keys
from beam_jobs.duplicates.choose_kept import Removed, choose_kept
from beam_jobs.duplicates.document_keys import DocumentKeys
from beam_jobs.duplicates.exact_copies import first_copies
from beam_jobs.duplicates.near_pairs import LEAST_SHARED_BANDS, near_pairs


def find_duplicates(keys: DocumentKeys, ranks: np.ndarray, least_shared: int = LEAST_SHARED_BANDS) -> Removed:
    """The documents to remove, each with the one that is kept for it.

    `keys` without signatures find exact copies only. Raises ValueError unless `least_shared` is from 1 to BANDS.
    """
    if not 1 <= least_shared <= BANDS:
        raise ValueError(f"least_shared is {least_shared}, not from 1 to {BANDS}")
    first = first_copies(keys.exact, ranks)
    if len(keys.signatures):
        bands = band_keys(keys.signatures, keys.words)
        bands[first != np.arange(len(first))] = 0  # copies follow their first, so a million of them cost no links
    else:
        bands = np.empty((len(ranks), 0), np.uint64)
    return choose_kept(ranks, first, near_pairs(bands, ranks, least_shared))
