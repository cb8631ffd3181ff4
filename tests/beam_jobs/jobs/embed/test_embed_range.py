import dataclasses
import threading
import time

import pyarrow.parquet as pq

from beam_jobs.inputs.plan_file import write_plan
from beam_jobs.jobs.embed.embed_range import STEP, embed_range
from beam_jobs.jobs.embed.job import open_job


def test_a_shard_of_words_has_the_places_of_each(settings, tmp_path):
    job, items = open_job(dataclasses.replace(settings, per="word"), time.time())
    row = embed_range(write_plan(items, job.output, STEP)[0], job)
    assert (row["name"], row["documents"]) == ("vectors-00000-of-00001.parquet", 200)
    assert row["totals"]["documents"] == 200
    rows = pq.read_table(tmp_path / "vectors" / row["name"]).to_pylist()
    assert sum(len(one["words"]) for one in rows) == row["records"]
    word = rows[0]["words"][0]
    assert (word["word"], word["start"], len(word["vector"])) == ("the", 0, 8)


def test_threads_of_one_process_write_the_same_as_one_after_the_other(settings, tmp_path):
    made = {}
    for name in ("alone", "one", "other"):
        job, items = open_job(dataclasses.replace(settings, output=str(tmp_path / name)), time.time())
        made[name] = (job, write_plan(items, job.output, STEP)[0])
    embed_range(made["alone"][1], made["alone"][0])
    threads = [threading.Thread(target=embed_range, args=(made[name][1], made[name][0])) for name in ("one", "other")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    shard = "vectors-00000-of-00001.parquet"
    alone = pq.read_table(tmp_path / "alone" / shard)
    assert alone.num_rows == 200
    assert pq.read_table(tmp_path / "one" / shard).equals(alone)
    assert pq.read_table(tmp_path / "other" / shard).equals(alone)
