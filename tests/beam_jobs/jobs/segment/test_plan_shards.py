from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from beam_jobs.jobs.segment.block_writer import TextBlock, block_bytes
from beam_jobs.jobs.segment.plan_shards import PlacedBlock, plan_sentence_shards

TARGET = 1000.0


def blocks_of(sizes, split="default", documents=3):
    """Blocks one after the other in one file."""
    return [PlacedBlock("t", TextBlock(split, i, size, documents, 9, "")) for i, size in enumerate(sizes)]


def placed(shards):
    return [p for shard in shards for p in shard.blocks]


def key(p):
    return (p.block.split, p.text, p.block.offset)


any_block = st.builds(
    TextBlock,
    split=st.sampled_from(["default", "train", "dev", "test"]),
    offset=st.integers(0, 10**6),
    bytes=st.integers(1, 5000),
    documents=st.sampled_from([1, 1, 2, 50]),
    sentences=st.integers(1, 100),
)


@given(st.lists(any_block, max_size=300), st.integers(0, 2**40))
@settings(max_examples=200, deadline=None)
def test_every_block_is_in_one_shard_and_no_document_is_alone(blocks, seed):
    everything = [PlacedBlock(f"f{i}", block) for i, block in enumerate(blocks)]
    shards = plan_sentence_shards(everything, TARGET, seed)
    assert sorted(placed(shards), key=key) == sorted(everything, key=key)
    assert [shard.index for shard in shards] == list(range(len(shards)))
    for split in {block.split for block in blocks}:
        of_split = [shard for shard in shards if shard.split == split]
        assert all(p.block.split == split for p in placed(of_split))
        if len(of_split) > 1:
            assert all(sum(p.block.documents for p in shard.blocks) > 1 for shard in of_split)


@given(st.lists(st.integers(1, 200), max_size=2000), st.integers(0, 2**40), st.sampled_from([1, 2, 40]))
@settings(max_examples=100, deadline=None)
def test_sizes_are_within_a_tenth_when_no_document_is_large(sizes, seed, documents):
    shards = plan_sentence_shards(blocks_of(sizes, documents=documents), TARGET, seed)
    assert all(0.9 * TARGET <= shard.bytes <= 1.1 * TARGET for shard in shards[:-1])
    assert all(shard.bytes <= 1.3 * TARGET for shard in shards)  # the last may have taken up a lone document
    if documents > 1:
        assert all(shard.bytes <= 1.1 * TARGET for shard in shards)


def test_sizes_with_blocks_as_the_segment_job_makes_them():
    size = block_bytes(100e6)
    shards = plan_sentence_shards(blocks_of([size - i % 900_000 for i in range(1000)]), 100e6, 1)
    assert all(98e6 <= shard.bytes <= 102e6 for shard in shards[:-1])


def test_a_few_large_documents_among_small_ones_still_fit():
    small, large = blocks_of([40] * 400), [PlacedBlock("l", TextBlock("default", i, 700, 1, 9, "")) for i in range(10)]
    shards = plan_sentence_shards(small + large, TARGET, 3)
    assert all(0.9 * TARGET <= shard.bytes <= 1.1 * TARGET for shard in shards[:-1])


def test_a_document_larger_than_a_shard_gets_company():
    giant = PlacedBlock("g", TextBlock("default", 0, 50_000, 1, 9, ""))
    for seed in range(20):
        shards = plan_sentence_shards([giant, *blocks_of([40] * 100)], TARGET, seed)
        (with_giant,) = [shard for shard in shards if giant in shard.blocks]
        assert len(with_giant.blocks) >= 2
        assert with_giant.bytes <= 50_000 + 1.1 * TARGET


def test_a_corpus_of_one_document_is_one_shard():
    (shard,) = plan_sentence_shards(blocks_of([50_000], documents=1), TARGET, 1)
    assert shard.name == "sentences-00000-of-00001.txt"


def test_a_shard_holds_blocks_from_all_over_the_corpus():
    shards = plan_sentence_shards(blocks_of([40] * 2500), TARGET, 42)
    for shard in shards[:-1]:
        tenths = {p.block.offset // 250 for p in shard.blocks}
        assert len(tenths) >= 6
    order = [p.block.offset for p in placed(shards)]
    assert sum(b == a + 1 for a, b in pairwise(order)) < 10


def test_the_seed_decides():
    blocks = blocks_of([40] * 500)
    assert plan_sentence_shards(blocks, TARGET, 1) == plan_sentence_shards(blocks, TARGET, 1)
    assert plan_sentence_shards(blocks, TARGET, 1) != plan_sentence_shards(blocks, TARGET, 2)


def test_names():
    blocks = blocks_of([400] * 10) + blocks_of([400] * 2, "train") + blocks_of([400] * 2, "dev")
    assert [shard.name for shard in plan_sentence_shards(blocks, TARGET, 1)] == [
        *(f"sentences-{i:05}-of-00005.txt" for i in range(5)),
        "train/sentences-00000-of-00001.txt",
        "dev/sentences-00000-of-00001.txt",
    ]


def test_no_blocks():
    assert plan_sentence_shards([], TARGET, 1) == []


def test_planning_is_linear_even_for_hostile_sizes():
    """100,000 blocks of which no two fit together: every look ahead is in vain, and bounded."""
    sizes = [600 + i % 300 for i in range(100_000)]
    shards = plan_sentence_shards(blocks_of(sizes, documents=2), TARGET, 1)
    assert len(shards) == 100_000
