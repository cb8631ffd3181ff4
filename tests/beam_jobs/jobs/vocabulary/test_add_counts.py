import random
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from beam_jobs.jobs.vocabulary import add_counts as module
from beam_jobs.jobs.vocabulary.add_counts import PartitionCounts, add_counts
from beam_jobs.jobs.vocabulary.counts_file import PARTITIONS, write_run
from beam_jobs.jobs.vocabulary.job import VocabularyJob
from beam_jobs.settings import VocabularySettings
from beam_jobs.text.word_counts import unpack_counts, word_list
from beam_jobs.tokenizer.word_table import WordTable


def items_of(output, texts, slices):
    """The rows of items that hold these words, and the job that they belong to."""
    rows = []
    for index, words in enumerate(texts):
        table, counts = WordTable(), Counter(words)
        table.add("".join(f"{word}\n" for word in counts).encode(), np.array([*counts.values()]))
        with (output / f"{index}.bin").open("wb") as file:
            rows.append({"index": index, "counts": f"{index}.bin", "runs": [write_run(table, slices, file.write)]})
    return rows, VocabularyJob(VocabularySettings(("in",), str(output)), str(output), "", 0.0, slices)


def content(sums: list[PartitionCounts]) -> dict[str, int]:
    found: dict[str, int] = {}
    for part in sums:
        counts, text = unpack_counts(part.packed)
        found.update(zip((word.decode() for word in word_list(text)), counts.tolist(), strict=True))
    return found


TEXTS = [[f"å{min(random.Random(i * 1000 + j).randrange(1, 3000), j)}" for j in range(4000)] for i in range(3)]


@pytest.mark.parametrize("slices", [1, 4])
def test_the_sum_is_exact_below_the_bounds(tmp_path, slices):
    rows, job = items_of(tmp_path, TEXTS, slices)
    sums = [add_counts(i, rows[::-1], job) for i in range(PARTITIONS)]
    expected = Counter(word for text in TEXTS for word in text)
    assert content(sums) == expected
    assert (sum(part.words for part in sums), sum(part.distinct for part in sums)) == (12_000, len(expected))
    assert all(part.words_left_out == part.distinct_left_out == 0 for part in sums)


def test_the_most_frequent_words_are_kept_whatever_the_slices_and_the_rest_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MAX_DISTINCT_WORDS", 5 * PARTITIONS)
    all_sums = []
    for slices in (1, 4):
        (tmp_path / str(slices)).mkdir()
        rows, job = items_of(tmp_path / str(slices), TEXTS, slices)
        all_sums.append([add_counts(i, rows, job) for i in range(PARTITIONS)])
    one, four = all_sums
    assert [content([part]) for part in one] == [content([part]) for part in four]
    assert [replace(part, packed=b"") for part in one] == [replace(part, packed=b"") for part in four]
    everything = Counter(word for text in TEXTS for word in text)
    for part in one:
        words = content([part])
        assert len(words) <= 5
        assert all(everything[word] == count for word, count in words.items())
    left_out = sum(everything.values()) - sum(content(one).values())
    assert sum(part.words_left_out for part in one) == left_out > 0
    assert sum(part.distinct_left_out for part in one) == len(everything) - len(content(one))
    sixth = module._most_frequent(table := WordTable(), 2)
    assert (sixth[0].tolist(), sixth[1]) == ([], [])
    table.add(b"b\na\nc\nd\n", np.array([2, 2, 5, 1]))
    assert list(map(list, module._most_frequent(table, 2))) == [[5, 2], [b"c", b"a"]]


def test_above_the_bound_of_memory_rare_words_are_dropped_in_the_order_of_the_plan(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MAX_WORDS", 20)
    rows, job = items_of(tmp_path, TEXTS, 1)
    sums = [add_counts(i, rows, job) for i in range(PARTITIONS)]
    assert sums == [add_counts(i, random.Random(1).sample(rows, 3), job) for i in range(PARTITIONS)]
    assert sum(part.words for part in sums) == 12_000
    assert sum(part.words_left_out for part in sums) == 12_000 - sum(content(sums).values()) > 0
    everything = Counter(word for text in TEXTS for word in text)
    assert all(everything[word] >= count for word, count in content(sums).items())
    assert {word for word, _ in everything.most_common(20)} <= set(content(sums))
