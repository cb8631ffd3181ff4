import time

import pytest

from beam_jobs.errors import UserError
from beam_jobs.inputs.plan_file import write_plan
from beam_jobs.jobs.embed.embed_range import STEP, embed_range
from beam_jobs.jobs.embed.finish import closing_line, finish_vectors
from beam_jobs.jobs.embed.job import open_job


def test_an_input_without_texts_is_refused(settings, tmp_path):
    for path in (tmp_path / "raw").iterdir():
        path.write_text('{"id": 1}\n')
    job, items = open_job(settings, time.time())
    rows = [embed_range(line, job) for line in write_plan(items, job.output, STEP)]
    with pytest.raises(UserError, match=r"no document to write.*text_missing"):
        finish_vectors(rows, job)


def test_the_line_of_totals():
    stats = {"documents": 1200, "vectors": 1200, "width": 384, "texts_cut": 3}
    told = "mean vectors for each text, layer -1,"
    line = "1,200 texts, 1,200 mean vectors for each text, layer -1, of 384 numbers; 3 texts were cut"
    assert closing_line(stats, told, None) == line
    assert closing_line(stats, told, 4.0) == line + "; 4.0 s (300 texts/s)"
