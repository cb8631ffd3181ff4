"""A sample of the input for counting words: whole items of the plan, evenly spread over it."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from beam_jobs.inputs.plan_ranges import InputItem, work_bytes
from beam_jobs.records.counter_random import draw_below, path_key

_SAMPLE_SEED = 42


def sample_items(items: Sequence[InputItem], wanted: int) -> Sequence[InputItem]:
    """About `wanted` bytes of text (all if 0) of the items, evenly spread: one at random of each of equal groups.

    The choice depends on the number of items and on `wanted`, and on nothing else.
    """
    total = sum(map(work_bytes, items))
    if not 0 < wanted < total:
        return items
    groups = max(1, round(len(items) * wanted / total))
    key = np.uint64(path_key(_SAMPLE_SEED, len(items), groups))
    edges = [len(items) * i // groups for i in range(groups + 1)]
    places = [first + draw_below(key, i, last - first) for i, (first, last) in enumerate(pairwise(edges))]
    return [items[place] for place in places]
