import gzip
import json
from collections import Counter

import pytest

from beam_jobs.errors import UserError
from beam_jobs.inspection.samples import FIRST_RECORDS, pick_samples, read_samples, write_samples
from beam_jobs.records import Shard
from beam_jobs.settings import InstanceSettings


def test_a_function_of_the_seed_and_the_shards():
    records = [40_000, 0, 10_000, 50_000]
    assert pick_samples(records, 10, 42) == pick_samples(records, 10, 42)
    assert pick_samples(records, 10, 42) != pick_samples(records, 10, 43)
    assert pick_samples(records, 4, 42) == pick_samples(records, 10, 42)[:4]


def test_in_proportion_to_the_shards_and_only_from_their_beginnings():
    records = [400_000, 0, 100_000, 500_000]
    counts, places = Counter(), []
    for seed in range(300):
        chosen = pick_samples(records, 10, seed)
        assert len(set(chosen)) == 10
        counts.update(shard for shard, _ in chosen)
        places += [record for _, record in chosen]
    assert counts[1] == 0
    assert counts[0] == pytest.approx(1200, abs=110)  # 4 standard deviations
    assert counts[2] == pytest.approx(300, abs=66)
    assert max(places) < FIRST_RECORDS
    assert sum(places) / len(places) == pytest.approx(FIRST_RECORDS / 2, rel=0.05)


@pytest.mark.parametrize("records", [[], [0, 0], [3], [2, 0, 1, 5], [1, 10**9, 1]])
def test_all_there_is_when_there_is_no_more(records):
    available = {(shard, i) for shard, number in enumerate(records) for i in range(min(number, 4))}
    assert set(pick_samples(records, 10**6, 1, first_records=4)) == available
    assert pick_samples(records, 0, 1) == []


@pytest.fixture
def corpus(tmp_path, serialise, classic, frame, small_vocabulary):
    """Two shards; the label of record i of the first is 0, of the second 1."""
    (tmp_path / "vocab.txt").write_text("\n".join(small_vocabulary.pieces) + "\n")
    shards = []
    for label, records in enumerate((5, 3)):
        name = f"train/instances-{label}.tfrecord"
        (tmp_path / "train").mkdir(exist_ok=True)
        contents = [classic(next_sentence_labels=[label], masked_lm_ids=[5 + i, 7, 11, 0]) for i in range(records)]
        (tmp_path / name).write_bytes(frame(map(serialise, contents)))
        shards.append(Shard(name, "train", records, 1, 0, ""))
    return tmp_path, shards


def test_both_files_hold_the_same_instances(corpus, caplog):
    folder, shards = corpus
    with caplog.at_level("INFO"):
        samples = write_samples(str(folder), shards, InstanceSettings(num_logged_samples=4))
    assert len(samples) == 4
    lines = [json.loads(line) for line in (folder / "samples.jsonl").read_text().splitlines()]
    text = (folder / "samples.txt").read_text()
    assert len(caplog.records) == 4
    for sample, line in zip(samples, lines, strict=True):
        assert (line["shard"], line["record"]) == (sample.shard, sample.record)
        assert line["next_sentence_label"] == int(sample.shard[-10])
        original = ["en", "hund", "katt", "så", "blå"][sample.record]
        assert line["masked_lm_tokens"] == [original, "katt", "##bær"]
        assert line["masked_lm_positions"] == [2, 6, 8]
        assert line["replaced_by"] == ["masked", "kept", "random"]
        assert line["tokens"] == ["[CLS]", "så", "[MASK]", "##en", ".", "[SEP]", "katt", "blå", "hund", ".", "[SEP]"]
        assert line["segment_lengths"] == [6, 5]
        assert line["text"] == [f"A [CLS] så [MASK→{original}]en . [SEP]", "B [katt→katt] blå[hund→##bær] . [SEP]"]
        assert "\n".join(line["text"]) in text
        assert f"{sample.shard} record {sample.record}: 11 pieces of 14" in text


def test_no_samples_make_empty_files(corpus):
    folder, shards = corpus
    assert write_samples(str(folder), shards, InstanceSettings(num_logged_samples=0)) == []
    assert (folder / "samples.jsonl").read_text() == (folder / "samples.txt").read_text() == ""


def test_a_shard_that_was_changed_is_an_error(corpus, frame):
    folder, _ = corpus
    name = "train/instances-0.tfrecord"
    with pytest.raises(UserError, match=r"instances-0.tfrecord: has 5 records, but record 7"):
        read_samples({name: str(folder / name)}, [(name, 7)])
    (folder / name).write_bytes(frame([b"", b"no example"]))
    with pytest.raises(UserError, match=r"instances-0.tfrecord: record 1 is no pretraining instance: "):
        read_samples({name: str(folder / name)}, [(name, 1)])
    (folder / "cut.tfrecord.gz").write_bytes(gzip.compress(frame([b"no example"]))[:-9])
    with pytest.raises(UserError, match=r"cut.tfrecord.gz is damaged"):
        read_samples({name: str(folder / "cut.tfrecord.gz")}, [(name, 1)])
