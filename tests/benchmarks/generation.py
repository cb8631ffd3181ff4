"""CPU time per instance of each stage of instance generation, on one core, at sequence lengths 128 and 512.

    .venv/bin/python tests/benchmarks/generation.py [--text sentences.txt --vocab_file vocab.txt]

Without --text, a synthetic shard of 3.4 million pieces with the lengths of news text and the vocabulary of mBERT in size.
A kernel runs the stages one after the other up to a given one over all rows of a shard; a stage's time is the difference
to the one before. Each is the best of several runs, since a shared machine only ever makes them slower; differences
of a few hundredths of a microsecond are noise. `instances.py` measures the whole job.
"""

import argparse
import dataclasses
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

import numba
import numpy as np

from beam_jobs.instances.batch_kernel import gather
from beam_jobs.instances.encode_kernel import write_classic
from beam_jobs.instances.generate import generate_instances, kernel_arguments
from beam_jobs.instances.plan_rows import plan_rows
from beam_jobs.instances.prefetch_kernel import prefetch_instances
from beam_jobs.masking.choice_kernel import choose_words
from beam_jobs.masking.replace_kernel import replace_pieces
from beam_jobs.masking.words_kernel import find_words
from beam_jobs.records.counter_random import derive_key, path_key
from beam_jobs.records.crc32c import crc32c
from beam_jobs.records.permutation import permutation
from beam_jobs.settings import InstanceSettings
from beam_jobs.tokenizer.tokenize import ShardTokenizer, TokenizedShard
from vocab.vocabulary import Vocabulary, load_vocabulary, parse_vocabulary

STAGES = ("gather", "find words", "choose words", "replace pieces", "encode and frame")
REPEATS = 7


@numba.njit
def run_stages(rows, order, key, text, rules, layout, out, last):
    """The stages up to `last` for all rows, each record written over the one before; no stage's work is thrown away."""
    size = layout.max_seq_length + 1
    pieces, begins, candidates = np.zeros(size, np.int32), np.zeros(size, np.int32), np.zeros(size, np.int32)
    groups, fates = np.zeros(size, np.int32), np.zeros(3, np.int64)
    positions, originals = np.zeros(size, np.int32), np.zeros(size, np.int32)
    varints = np.zeros(size + 2 * layout.max_predictions, np.uint32)
    check = 0
    for n in range(len(order)):
        prefetch_instances(rows, order, n, text.ids)
        row = rows[order[n]]
        length = gather(row, text, pieces)
        check += pieces[length >> 1]
        if last == 0:
            continue
        words = find_words(pieces, length, rules.piece_flags, begins, candidates)
        check += words
        if last == 1:
            continue
        row_key = derive_key(key, order[n])
        choose_words(begins, candidates, words, rules.budgets[length], row_key, groups)
        if last == 2:
            groups[:length] = 0
            continue
        predictions = replace_pieces(
            pieces,
            length,
            groups,
            mask_id=rules.mask_id,
            per_group=rules.per_group,
            replacements=rules.replacements,
            key=row_key,
            positions=positions,
            originals=originals,
            fates=fates,
        )
        if last == 3:
            continue
        check += write_classic(
            out,
            0,
            layout.template,
            layout.values_at,
            pieces,
            layout.max_seq_length,
            length,
            np.int64(row.a_length) + 2,
            row.label,
            positions,
            originals,
            layout.max_predictions,
            predictions,
            varints,
        )
    return check


@numba.njit
def checksums(out, size, times):
    """The checksum of `size` bytes so many times."""
    total = 0
    for n in range(times):
        total += crc32c(out, n & 63, (n & 63) + size)
    return total


def main() -> None:
    """Print one table per sequence length."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", help="a sentence file; needs --vocab_file")
    parser.add_argument("--vocab_file")
    parser.add_argument("--dupe_factor", type=int, default=3)
    options = parser.parse_args()
    shard, vocabulary = read_shard(options.text, options.vocab_file) if options.text else synthetic_shard()
    print(f"{shard.pieces:,} pieces, {shard.sentences:,} sentences, {shard.documents:,} documents")
    for length, predictions in ((128, 19), (512, 77)):
        settings = InstanceSettings(
            max_seq_length=length, max_predictions_per_seq=predictions, dupe_factor=options.dupe_factor
        )
        measure(shard, vocabulary, settings)
        for changes in ({"masking": "span"}, {"masking": "dynamic"}, {"objective": "full_sentences"}):
            measure_whole(shard, vocabulary, dataclasses.replace(settings, **changes), str(changes))


def measure(shard: TokenizedShard, vocabulary: Vocabulary, settings: InstanceSettings) -> None:
    """One line per stage for whole-word masked pairs."""
    key = path_key(settings.random_seed, 0)
    rows = plan_rows(shard, vocabulary, settings, key).rows
    order = permutation(key, len(rows))
    text, rules, layout, _ = kernel_arguments(shard, vocabulary, settings)
    out = np.zeros(layout.max_framed_size + 64, np.uint8)
    count = len(rows)
    print(f"\nsequence length {settings.max_seq_length}, {count:,} instances: microseconds of CPU per instance")
    report("plan pairs", best(lambda: plan_rows(shard, vocabulary, settings, key)) / count)
    report("put in random order", best(lambda: permutation(key, count)) / count)
    before = 0.0
    for stage, name in enumerate(STAGES):
        seconds = best(lambda: run_stages(rows, order, np.uint64(key), text, rules, layout, out, stage)) / count  # noqa: B023
        report(name, seconds - before)
        before = seconds
    counts = measure_whole(shard, vocabulary, settings, "all of it, pairs and whole words")
    size = int(counts[1] / count)
    report(
        f"of it, CRC-32C of {size} bytes", best(lambda: checksums(np.zeros(size + 64, np.uint8), size, count)) / count
    )


def measure_whole(
    shard: TokenizedShard, vocabulary: Vocabulary, settings: InstanceSettings, name: str
) -> tuple[int, int]:
    """One line for `generate_instances`; returns the numbers of instances and bytes."""
    sizes: list[int] = []

    def generate() -> int:
        sizes.clear()
        write = lambda batch: sizes.append(len(batch))  # noqa: E731
        return generate_instances(shard, vocabulary, settings, path_key(settings.random_seed, 0), write).instances

    instances = generate()
    report(name, best(generate) / instances)
    return instances, sum(sizes)


def best(call: Callable[[], Any]) -> float:
    """CPU seconds of the fastest of several calls, after one that compiles."""
    call()
    found = []
    for _ in range(REPEATS):
        start = time.process_time()
        call()
        found.append(time.process_time() - start)
    return min(found)


def report(name: str, seconds: float) -> None:
    """One line of the table."""
    print(f"  {name:44s}{seconds * 1e6:8.3f}")


def read_shard(text: str, vocab_file: str) -> tuple[TokenizedShard, Vocabulary]:
    """A sentence file, tokenized without lower-casing."""
    vocabulary = load_vocabulary(vocab_file)
    tokenizer = ShardTokenizer(vocabulary, lower_case=False)
    tokenizer.add(Path(text).read_bytes())
    return tokenizer.finish(), vocabulary


def synthetic_shard() -> tuple[TokenizedShard, Vocabulary]:
    """Sentences of 27 pieces on average, documents of 28 sentences, a quarter of the pieces within a word."""
    rng = np.random.default_rng(1)
    sentences_of = rng.geometric(1 / 28, 4400)
    pieces_of = rng.geometric(1 / 27, sentences_of.sum())
    size = 119_547
    pieces = [f"##{i}" if i % 4 == 3 else str(i) for i in range(size - 5)]
    vocabulary = parse_vocabulary(
        "\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *pieces]).encode(), "synthetic"
    )
    ids = np.minimum(rng.zipf(1.3, pieces_of.sum()) + 100 + rng.integers(0, 20_000, pieces_of.sum()), size - 1)
    starts = [np.concatenate(([0], np.cumsum(lengths))) for lengths in (pieces_of, sentences_of)]
    return TokenizedShard(ids.astype(np.int32), *starts), vocabulary


if __name__ == "__main__":
    main()
