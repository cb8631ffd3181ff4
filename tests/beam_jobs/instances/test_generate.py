import dataclasses
import itertools
import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beam_jobs.errors import UserError
from beam_jobs.instances import generate
from beam_jobs.instances.counts import InstanceCounts
from beam_jobs.instances.encode import CLASSIC_ORDER, DYNAMIC_ORDER, encode_example, frame_record
from beam_jobs.instances.generate import generate_instances, require_partners, rules_for
from beam_jobs.instances.plan_rows import plan_rows
from beam_jobs.masking.plain import mask_plainly
from beam_jobs.masking.rules import SPECIAL, WORD_START
from beam_jobs.records.counter_random import derive_key, path_key
from beam_jobs.records.permutation import permutation
from beam_jobs.settings import InstanceSettings

SMALL = InstanceSettings(max_seq_length=32, max_predictions_per_seq=5, dupe_factor=2)
KEY = path_key(42, 0)

documents = st.lists(
    st.lists(st.lists(st.booleans(), min_size=1, max_size=25), min_size=1, max_size=6), min_size=1, max_size=5
)
variants = st.builds(
    dataclasses.replace,
    st.just(SMALL),
    objective=st.sampled_from(["nsp", "sop", "full_sentences"]),
    masking=st.sampled_from(["whole_word", "wordpiece", "span", "dynamic"]),
    replace_per=st.sampled_from(["piece", "word"]),
    compatibility=st.sampled_from(["fixed", "bert"]),
)


def make(shard, vocabulary, settings, key=KEY) -> tuple[bytes, InstanceCounts]:
    batches: list[bytes] = []
    counts = generate_instances(shard, vocabulary, settings, key, lambda batch: batches.append(bytes(batch)))
    return b"".join(batches), counts


def gather_plainly(row, shard, vocabulary, settings) -> tuple[list[int], int]:
    """The pieces of an instance and where its second segment begins."""
    a = shard.ids[row["a_start"] : row["a_start"] + row["a_length"]].tolist()
    if settings.objective == "full_sentences":
        pieces = [vocabulary.cls_id]
        document_pieces = set(shard.sentence_starts[shard.document_starts].tolist())
        for at, piece in enumerate(a, int(row["a_start"])):
            if at in document_pieces and at != row["a_start"]:
                pieces.append(vocabulary.sep_id)
            pieces.append(piece)
        return [*pieces, vocabulary.sep_id], len(pieces) + 1
    b = shard.ids[row["b_start"] : row["b_start"] + row["b_length"]].tolist()
    return [vocabulary.cls_id, *a, vocabulary.sep_id, *b, vocabulary.sep_id], len(a) + 2


def record_plainly(row, number, shard, vocabulary, settings, key) -> bytes:
    pieces, b_at = gather_plainly(row, shard, vocabulary, settings)
    label = [int(row["label"])]
    rules = rules_for(settings, vocabulary)
    if settings.masking == "dynamic":
        flags = rules.piece_flags[pieces]
        starts = (flags & (WORD_START | SPECIAL) > 0) | np.r_[True, flags[:-1] & SPECIAL > 0]
        features = {
            "input_ids": pieces,
            "segment_lengths": [b_at, len(pieces) - b_at],
            "word_starts": np.packbits(starts, bitorder="little").tobytes(),
            "next_sentence_labels": label,
        }
        return encode_example(features, DYNAMIC_ORDER)

    def padded(values, size):
        return [*values, *[0] * (size - len(values))]

    row_key = derive_key(np.uint64(derive_key(np.uint64(key), generate._MASKS)), int(number))
    masked, positions, _ = mask_plainly(pieces, row_key, rules)
    features = {
        "input_ids": padded(masked, settings.max_seq_length),
        "input_mask": padded([1] * len(pieces), settings.max_seq_length),
        "segment_ids": padded([0] * b_at + [1] * (len(pieces) - b_at), settings.max_seq_length),
        "masked_lm_positions": padded(positions, settings.max_predictions_per_seq),
        "masked_lm_ids": padded([pieces[i] for i in positions], settings.max_predictions_per_seq),
        "masked_lm_weights": np.array(padded([1] * len(positions), settings.max_predictions_per_seq), np.float32),
        "next_sentence_labels": label,
    }
    return encode_example(features, CLASSIC_ORDER)


@given(documents, variants, st.integers(0, 2**64 - 1))
@settings(max_examples=60, deadline=None)
def test_every_byte_is_that_of_the_plain_version(numbered, corpus, variant, key):
    shard, vocabulary = numbered(corpus)
    framed, counts = make(shard, vocabulary, variant, key)
    rows = plan_rows(shard, vocabulary, variant, key).rows
    order = permutation(int(derive_key(np.uint64(key), generate._ORDER)), len(rows))
    records = [record_plainly(rows[number], number, shard, vocabulary, variant, key) for number in order]
    assert framed == b"".join(map(frame_record, records))
    assert counts.instances == len(records)


@given(documents, variants.filter(lambda variant: variant.masking != "dynamic"), st.integers(0, 2**64 - 1))
@settings(max_examples=60, deadline=None)
def test_an_instance_is_cls_a_sep_b_sep_of_the_text(numbered, first_id, decoded, corpus, variant, key):
    shard, vocabulary = numbered(corpus)
    framed, _ = make(shard, vocabulary, variant, key)
    for record in decoded(framed):
        length = int(record["input_mask"].sum())
        assert record["input_mask"].tolist() == [1] * length + [0] * (variant.max_seq_length - length)
        predictions = int(record["masked_lm_weights"].sum())
        positions = record["masked_lm_positions"][:predictions]
        assert (np.diff(positions) > 0).all()
        assert not record["masked_lm_positions"][predictions:].any()
        assert not record["masked_lm_ids"][predictions:].any()
        assert not set(record["masked_lm_ids"][:predictions].tolist()) & vocabulary.special_ids
        ids = record["input_ids"].copy()
        ids[positions] = record["masked_lm_ids"][:predictions]
        assert not ids[length:].any()
        pieces = ids[:length]
        separators = np.flatnonzero(pieces == vocabulary.sep_id)
        assert pieces[0] == vocabulary.cls_id
        assert separators[-1] == length - 1
        segments = np.split(pieces, separators)
        runs = [segment[1:] for segment in segments[:-1]]
        for run in runs:  # contiguous text, of one document
            assert (np.diff(run) == 1).all()
            assert not set(shard.sentence_starts[shard.document_starts].tolist()) & set((run[1:] - first_id).tolist())
        if variant.objective == "full_sentences":
            assert not record["segment_ids"].any()
            assert record["next_sentence_labels"] == [0]
            assert all(b[0] == a[-1] + 1 for a, b in itertools.pairwise(runs))
        else:
            assert len(runs) == 2
            second = np.zeros(variant.max_seq_length, int)
            second[separators[0] + 1 : length] = 1
            assert record["segment_ids"].tolist() == second.tolist()


@given(documents, variants)
@settings(max_examples=60, deadline=None)
def test_the_counts_are_what_a_decoder_counts(numbered, decoded, corpus, variant):
    shard, vocabulary = numbered(corpus)
    unknown = shard.ids % 7 == 0
    shard = dataclasses.replace(shard, ids=np.where(unknown, vocabulary.unk_id, shard.ids).astype(np.int32))
    framed, counts = make(shard, vocabulary, variant)
    records = decoded(framed)
    assert counts.instances == len(records) == sum(counts.labels)
    assert counts.labels[1] == sum(int(record["next_sentence_labels"][0]) for record in records)
    if variant.masking == "dynamic":
        lengths = [len(record["input_ids"]) for record in records]
        unmasked = [record["input_ids"] for record in records]
        assert counts.predictions == 0
    else:
        lengths = [int(record["input_mask"].sum()) for record in records]
        unmasked, masked, predictions = [], {"mask": 0, "random": 0, "kept": 0}, []
        for record in records:
            count = int(record["masked_lm_weights"].sum())
            positions, originals = record["masked_lm_positions"][:count], record["masked_lm_ids"][:count]
            now = record["input_ids"][positions]
            masked["mask"] += int((now == vocabulary.mask_id).sum())
            masked["kept"] += int((now == originals).sum())
            masked["random"] += int(((now != vocabulary.mask_id) & (now != originals)).sum())
            predictions.append(count)
            ids = record["input_ids"].copy()
            ids[positions] = originals
            unmasked.append(ids)
        assert counts.predictions == sum(predictions)
        # A random piece may be [MASK] (bert) or the original by chance.
        assert sum(counts.masked.values()) == sum(masked.values())
        assert counts.masked["random"] >= masked["random"]
        assert abs(counts.masked["random"] - masked["random"]) <= 6
        assert counts.predictions_per_instance == np.bincount(predictions, minlength=6).tolist()
    assert counts.pieces == sum(lengths)
    assert counts.padding == sum(variant.max_seq_length - length for length in lengths)
    assert counts.lengths == np.bincount(lengths, minlength=variant.max_seq_length + 1).tolist()
    assert counts.unknown == sum(int((ids == vocabulary.unk_id).sum()) for ids in unmasked)
    assert counts.documents + sum(counts.documents_set_aside.values()) == shard.documents
    assert counts.sentences == shard.sentences
    assert counts.text_pieces == len(shard.ids)


def test_bytes_depend_on_the_key_and_not_on_batches_or_processes(numbered, real_documents, monkeypatch):
    shard, vocabulary = numbered(real_documents[:10])
    framed, _ = make(shard, vocabulary, SMALL)
    assert framed == make(shard, vocabulary, SMALL)[0]
    assert framed != make(shard, vocabulary, SMALL, path_key(42, 1))[0]
    monkeypatch.setattr(generate, "BATCH_BYTES", 5000)
    batches: list[int] = []
    generate_instances(shard, vocabulary, SMALL, KEY, lambda batch: batches.append(len(batch)))
    assert len(batches) > 30
    assert max(batches) <= 5000
    assert framed == make(shard, vocabulary, SMALL)[0]


def test_another_process_makes_the_same_bytes():
    program = """
import hashlib, numpy as np
from beam_jobs.instances.generate import generate_instances
from beam_jobs.tokenizer.tokenize import TokenizedShard
from beam_jobs.settings import InstanceSettings
from vocab.vocabulary import parse_vocabulary
vocabulary = parse_vocabulary("\\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *map(str, range(99))]).encode(), "")
ids = (np.arange(6000) % 99 + 5).astype(np.int32)
shard = TokenizedShard(ids, np.arange(0, 6001, 20), np.arange(0, 301, 15))
digest = hashlib.sha256()
generate_instances(shard, vocabulary, InstanceSettings(dupe_factor=2), 123456789, lambda batch: digest.update(batch))
print(digest.hexdigest())
"""
    digests = {
        subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True, env={**os.environ, **env}
        ).stdout
        for env in ({"PYTHONHASHSEED": "1"}, {"PYTHONHASHSEED": "2", "NUMBA_NUM_THREADS": "1"})
    }
    # The digest of the format itself: it may only change together with settings.FORMAT_VERSION.
    assert digests == {"5eeda0c6dcb4a3c0dc304e80b58c8f1850b7eeeb88a4e4aa308976104ba64c46\n"}


def test_copies_have_other_pairs_and_other_masks(numbered, real_documents, decoded):
    shard, vocabulary = numbered(real_documents[:5])
    settings = dataclasses.replace(SMALL, dupe_factor=3, max_seq_length=128, max_predictions_per_seq=19)
    framed, counts = make(shard, vocabulary, settings)
    one, _ = make(shard, vocabulary, dataclasses.replace(settings, dupe_factor=1))
    assert 2.5 < len(framed) / len(one) < 3.5
    records = decoded(framed)
    assert len({record["input_ids"].tobytes() for record in records}) == len(records) == counts.instances
    assert counts.documents == 5


def test_rows_of_all_copies_are_shuffled_together(numbered, real_documents, decoded, first_id):
    shard, vocabulary = numbered(real_documents)
    framed, _ = make(shard, vocabulary, dataclasses.replace(SMALL, max_seq_length=128))
    first = np.array([record["input_ids"][5] for record in decoded(framed)])
    text = first[first >= first_id]
    assert abs(np.corrcoef(text, np.arange(len(text)))[0, 1]) < 4 / np.sqrt(len(text))


def test_a_shard_without_documents_gives_no_instance(numbered):
    shard, vocabulary = numbered([])
    framed, counts = make(shard, vocabulary, SMALL)
    assert framed == b""
    assert counts == InstanceCounts.empty(32, 5)


def test_a_corpus_of_one_document_is_refused_for_nsp_only(numbered):
    shard, vocabulary = numbered([[[True] * 20] * 10])
    _, counts = make(shard, vocabulary, SMALL)
    assert counts.lone_documents == 1
    assert counts.labels[1] == 0
    with pytest.raises(UserError, match="single document") as error:
        require_partners(counts, SMALL)
    assert "\n" not in str(error.value)
    require_partners(counts + counts, SMALL)
    require_partners(counts, dataclasses.replace(SMALL, objective="sop"))
    require_partners(counts, dataclasses.replace(SMALL, compatibility="bert"))
    require_partners(InstanceCounts.empty(32, 5), SMALL)
