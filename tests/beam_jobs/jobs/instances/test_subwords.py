"""The instances job with a vocabulary of subwords: RoBERTa's byte-level BPE, ALBERT's SentencePiece."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

import beam_jobs
from beam_jobs.decoding.decode import decode_instance
from beam_jobs.decoding.decode_batch import decode_batch
from beam_jobs.decoding.flag_batch import find_violations
from beam_jobs.decoding.invariants import check_instance
from beam_jobs.errors import UserError
from beam_jobs.jobs.instances.pipeline import run_instances
from beam_jobs.records import SAMPLES_NAME, STATS_NAME
from beam_jobs.records.tfrecord_stream import read_record_batches, read_records
from beam_jobs.settings import InstanceSettings
from tests.subword_files import TEXT, byte_level_tokenizer, unigram_tokenizer, write_tokenizer
from vocab.vocabulary import load_vocabulary

DOCUMENTS = [[f"{part.strip()}." for part in text[:1500].split(". ") if part.strip()] for text in TEXT]


@pytest.fixture(scope="module")
def sentences(tmp_path_factory):
    path = tmp_path_factory.mktemp("sentences") / "some.txt"
    path.write_text("\n\n".join("\n".join(document) for document in DOCUMENTS))
    return path


@pytest.fixture(scope="module")
def vocabularies(tmp_path_factory):
    folder = tmp_path_factory.mktemp("vocabularies")
    return {
        "byte_level": write_tokenizer(folder / "byte_level", byte_level_tokenizer()),
        "unigram": write_tokenizer(folder / "unigram", unigram_tokenizer()),
    }


def _settings(sentences, vocab_file, output, **changes):
    values = {"max_seq_length": 64, "dupe_factor": 2, "max_num_cpus": 1, "shard_mb": 0.02, **changes}
    return InstanceSettings(input=(str(sentences),), vocab_file=str(vocab_file), output=str(output), **values)


@pytest.mark.parametrize("kind", ["byte_level", "unigram"])
@pytest.mark.parametrize("changes", [{"objective": "full_sentences"}, {"objective": "nsp"}, {"masking": "dynamic"}])
def test_every_instance_is_right_and_words_are_masked_whole(kind, changes, sentences, vocabularies, tmp_path):
    run_instances(_settings(sentences, vocabularies[kind], tmp_path / "out", **changes))
    vocabulary = load_vocabulary(tmp_path / "out" / "tokenizer.json")
    assert (tmp_path / "out" / "tokenizer.json").read_bytes() == Path(vocabularies[kind]).read_bytes()
    pairs = changes.get("objective") != "full_sentences"
    two_segments = 0
    for shard in sorted((tmp_path / "out").glob("*.tfrecord.gz")):
        with beam_jobs.storage.open_input(str(shard)) as stream:
            records = [record for _, record in read_records(stream, str(shard))]
        with beam_jobs.storage.open_input(str(shard)) as stream:
            for batch in read_record_batches(stream, str(shard)):
                assert not find_violations(decode_batch(batch, str(shard)), vocabulary).any()
        for record in records:
            instance = decode_instance(record)
            assert check_instance(instance, vocabulary) == []
            ids = instance.original_ids()
            segments = instance.segment_ids[: len(ids)]
            if segments.any():
                two_segments += 1
                first = int(np.argmax(segments))
                separators = 2 if kind == "byte_level" else 1
                assert ids[first - separators : first].tolist() == [vocabulary.sep_id] * separators
                assert ids[first - separators - 1] != vocabulary.sep_id
            begins = vocabulary.word_start[ids] | (np.roll(np.isin(ids, [vocabulary.cls_id, vocabulary.sep_id]), 1))
            if instance.is_dynamic:
                stored = np.unpackbits(instance.word_starts, bitorder="little")[: len(ids)]
                assert np.array_equal(stored.astype(bool)[1:], begins[1:])
            hidden = np.zeros(len(ids), bool)
            hidden[instance.masked_lm_positions[: instance.predictions]] = True
            words = np.cumsum(begins)
            for word in np.unique(words):
                assert len(set(hidden[words == word].tolist())) == 1
            put = instance.input_ids[: len(ids)][hidden]
            kept = {vocabulary.mask_id, vocabulary.unk_id} if kind == "unigram" else {vocabulary.mask_id}
            assert not set(put[put != ids[hidden]].tolist()) & (vocabulary.special_ids - {vocabulary.mask_id})
            assert not set(put.tolist()) & (vocabulary.special_ids - kept)
    assert bool(two_segments) is pairs
    stats = json.loads((tmp_path / "out" / STATS_NAME).read_text())
    assert stats["vocabulary"]["file"] == "tokenizer.json"
    assert stats["vocabulary"]["lower_case"] is (kind == "unigram")
    assert (stats["totals"]["unknown"] == 0) is (kind == "byte_level")  # bytes spell everything


def test_samples_are_readable(sentences, vocabularies, tmp_path):
    run_instances(_settings(sentences, vocabularies["byte_level"], tmp_path, objective="full_sentences"))
    lines = [json.loads(line) for line in (tmp_path / SAMPLES_NAME).read_text().splitlines()]
    assert any("Ġ" in token for line in lines for token in line["tokens"])  # as in the vocabulary
    assert "Ġ" not in re.sub(r"\[[^ ]*\]", "", " ".join(text for line in lines for text in line["text"]))
    words = {word for document in DOCUMENTS for sentence in document for word in sentence.split()}
    shown = [
        word for line in lines for text in line["text"] for word in text.split() if "[" not in word and "<" not in word
    ]
    assert shown
    assert sum(word in words for word in shown) > 0.9 * len(shown)


def test_the_same_bytes_on_two_workers(sentences, vocabularies, tmp_path):
    for workers in (1, 2):
        run_instances(_settings(sentences, vocabularies["byte_level"], tmp_path / str(workers), max_num_cpus=workers))
    one, two = (sorted((tmp_path / str(workers)).glob("*.tfrecord.gz")) for workers in (1, 2))
    assert len(one) > 1
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]


def test_a_setting_of_wordpiece_is_refused(sentences, vocabularies, tmp_path):
    with pytest.raises(UserError, match="--max_input_chars_per_word 100: is for WordPiece"):
        run_instances(_settings(sentences, vocabularies["unigram"], tmp_path, max_input_chars_per_word=100))


def test_from_python(vocabularies):
    tokenizer = beam_jobs.Tokenizer(vocabularies["byte_level"])
    assert "".join(tokenizer("the <mask>")) == "theĠ<mask>"
    assert beam_jobs.Tokenizer(vocabularies["unigram"].parent).lower_case
