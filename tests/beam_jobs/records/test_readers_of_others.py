"""Shards read by the readers they are written for: TensorFlow, and TF Model Garden's pretraining data loader."""

import dataclasses
import gzip
import io

import numpy as np
import pytest

from beam_jobs.decoding.decode import decode_instance
from beam_jobs.instances.generate import generate_instances
from beam_jobs.records.counter_random import path_key
from beam_jobs.records.tfrecord_stream import read_records
from beam_jobs.settings import InstanceSettings

SETTINGS = InstanceSettings(max_seq_length=200, max_predictions_per_seq=30, dupe_factor=1)


@pytest.fixture(scope="module")
def framed(numbered, real_documents) -> bytes:
    shard, vocabulary = numbered(real_documents[:12])
    batches: list[bytes] = []
    generate_instances(shard, vocabulary, SETTINGS, path_key(42, 0), lambda batch: batches.append(bytes(batch)))
    return b"".join(batches)


def test_model_gardens_loader(framed, decoded, tmp_path):
    loader = pytest.importorskip("official.nlp.data.pretrain_dataloader")
    path = tmp_path / "instances.tfrecord"
    path.write_bytes(framed)
    expected = decoded(framed)
    config = loader.BertPretrainDataConfig(
        input_path=str(path),
        global_batch_size=8,
        seq_length=SETTINGS.max_seq_length,
        max_predictions_per_seq=SETTINGS.max_predictions_per_seq,
        is_training=False,
        drop_remainder=False,
    )
    found: dict[str, list[np.ndarray]] = {}
    for batch in loader.BertPretrainDataLoader(config).load():
        for name, values in batch.items():
            found.setdefault(name, []).extend(values.numpy())
    names = {"input_ids": "input_word_ids", "segment_ids": "input_type_ids"}
    assert len(expected) > 50
    assert set(found) == {names.get(name, name) for name in expected[0]}
    for name in expected[0]:
        values = np.array([record[name] for record in expected])
        assert np.array_equal(np.array(found[names.get(name, name)]), values)


@pytest.mark.parametrize("compression", ["", "GZIP"])
def test_tensorflows_record_reader_accepts_every_checksum(framed, decoded, tmp_path, compression):
    tf = pytest.importorskip("tensorflow")
    path = tmp_path / "instances.tfrecord"
    path.write_bytes(gzip.compress(framed) if compression else framed)
    records = [record.numpy() for record in tf.data.TFRecordDataset(str(path), compression_type=compression)]
    assert len(records) == len(decoded(framed))
    broken = bytearray(framed)
    broken[100] ^= 1
    path.write_bytes(bytes(broken))
    with pytest.raises(tf.errors.DataLossError):
        list(tf.data.TFRecordDataset(str(path)))


def test_our_own_reader(framed, decoded):
    records = [record for _, record in read_records(io.BytesIO(framed), "framed")]
    assert [decode_instance(record).original_ids().tolist() for record in records] == [
        original(features) for features in decoded(framed)
    ]


def original(features: dict[str, np.ndarray]) -> list[int]:
    count = int(features["masked_lm_weights"].sum())
    ids = features["input_ids"].copy()
    ids[features["masked_lm_positions"][:count]] = features["masked_lm_ids"][:count]
    return ids[: int(features["input_mask"].sum())].tolist()


def test_dynamic_records_restore_the_same_pieces(numbered, real_documents, decoded):
    shard, vocabulary = numbered(real_documents[:12])
    texts = []
    for settings in (SETTINGS, dataclasses.replace(SETTINGS, masking="dynamic")):
        batches: list[bytes] = []
        generate_instances(shard, vocabulary, settings, path_key(42, 0), lambda batch: batches.append(bytes(batch)))  # noqa: B023
        texts.append(decoded(b"".join(batches)))
    static, dynamic = texts
    assert [original(features) for features in static] == [features["input_ids"].tolist() for features in dynamic]
    for features in dynamic:
        ids = features["input_ids"]
        starts = np.unpackbits(np.frombuffer(features["word_starts"][0], np.uint8), bitorder="little")[: len(ids)]
        after_special = np.r_[True, np.isin(ids[:-1], [vocabulary.cls_id, vocabulary.sep_id])]
        assert starts.tolist() == (vocabulary.word_start[ids] | after_special).astype(int).tolist()
        a, b = features["segment_lengths"]
        assert a + b == len(ids)
        assert ids[a - 1] == ids[-1] == vocabulary.sep_id
