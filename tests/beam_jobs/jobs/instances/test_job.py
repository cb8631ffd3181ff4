import dataclasses
import hashlib
import json

import pytest

from beam_jobs.errors import UserError
from beam_jobs.jobs.instances.job import open_job
from beam_jobs.settings import InstanceSettings
from vocab.model_class import BERT_BASE_CONFIG

PIECES = b"[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nen\n"


@pytest.fixture
def settings(tmp_path):
    (tmp_path / "mine.txt").write_bytes(PIECES)
    content = {
        "name": "mine",
        "lower_case": True,
        "vocab_size": 6,
        "vocab_uri": "mine.txt",
        "config": {**BERT_BASE_CONFIG, "vocab_size": 6},
    }
    (tmp_path / "mine.json").write_text(json.dumps(content))
    return InstanceSettings(
        ("in",), str(tmp_path / "out"), model_class=str(tmp_path / "mine.json"), vocab_dir=str(tmp_path / "kept")
    )


def test_a_job_knows_its_vocabulary(settings, tmp_path):
    job, data = open_job(settings, "h", 3, 5.0)
    assert data == PIECES
    assert (job.lower_case, job.vocabulary_size, job.workers, job.started) == (True, 6, 3, 5.0)
    assert job.vocabulary_sha256 == hashlib.sha256(PIECES).hexdigest()
    assert (job.output, job.vocabulary_path) == (str(tmp_path / "out"), str(tmp_path / "out" / "vocab.txt"))


def test_what_decides_the_bytes_is_in_the_hash(settings):
    job, _ = open_job(settings, "h", 3, 5.0)
    same = dataclasses.replace(job, workers=9, started=6.0, output="elsewhere")
    assert same.hash == job.hash
    for changes in ({"input_hash": "i"}, {"lower_case": False}, {"vocabulary_sha256": "0"}):
        assert dataclasses.replace(job, **changes).hash != job.hash


def test_a_vocabulary_file_of_ones_own_may_have_another_size(settings, tmp_path):
    (tmp_path / "other.txt").write_bytes(PIECES + b"to\n")
    with_file = dataclasses.replace(settings, vocab_file=str(tmp_path / "other.txt"))
    assert open_job(with_file, "h", 1, 0.0)[0].vocabulary_size == 7
    (tmp_path / "mine.txt").write_bytes(PIECES + b"to\n")
    with pytest.raises(UserError, match="7"):
        open_job(settings, "h", 1, 0.0)
