import dataclasses
import shutil
import time

import pytest

from beam_jobs.errors import UserError
from beam_jobs.jobs.embed.job import open_job


def test_the_hash_follows_the_model_and_not_its_place(settings, model, tmp_path):
    job, items = open_job(settings, time.time())
    assert (job.width, job.items) == (8, len(items))
    copy = shutil.copytree(model, tmp_path / "copy")
    assert open_job(dataclasses.replace(settings, model=str(copy)), 0.0)[0].hash == job.hash
    vocabulary = (copy / "vocab.txt").read_text()
    (copy / "vocab.txt").write_text(vocabulary.replace("cat\n", "dog\n"))
    assert open_job(dataclasses.replace(settings, model=str(copy)), 0.0)[0].model_digest != job.model_digest


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model": "nowhere"}, "nowhere"),
        ({"layers": "9"}, "layers"),
        ({"input": ("nothing/*.jsonl",)}, "nothing"),
    ],
)
def test_what_cannot_be_is_told_before_anything_is_written(settings, changes, message, tmp_path):
    with pytest.raises(UserError, match=message):
        open_job(dataclasses.replace(settings, **changes), 0.0)
    assert not (tmp_path / "vectors").exists()
