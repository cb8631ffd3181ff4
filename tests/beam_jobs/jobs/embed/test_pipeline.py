"""The embed job from its settings to its files: beside `trainer embed`, with a resumed launch and several workers."""

import dataclasses
import json
import shutil

import numpy as np
import pyarrow.parquet as pq
import pytest

from beam_jobs.errors import UserError
from beam_jobs.execution.earlier_outputs import earlier_output
from beam_jobs.inputs.plan_file import write_plan
from beam_jobs.jobs.embed import embed_range as module
from beam_jobs.jobs.embed import pipeline
from beam_jobs.jobs.embed.job import open_job
from beam_jobs.jobs.embed.pipeline import run_embed, tell_plan


def table(folder):
    """(ids, vectors) of all shards in their order."""
    found = [pq.read_table(path) for path in sorted(folder.glob("vectors-*.parquet"))]
    ids = [id for one in found for id in one["id"].to_pylist()]
    return ids, np.array([vector for one in found for vector in one["vector"].to_pylist()], np.float32)


def test_the_vectors_are_those_of_trainer_embed_in_the_order_of_the_input(settings, texts, model, tmp_path, capsys):
    from trainer.__main__ import main

    manifest = run_embed(settings)
    assert (manifest.kind, manifest.documents, manifest.records) == ("vectors", 200, 200)
    ids, vectors = table(tmp_path / "vectors")
    assert ids == [row["id"] for row in texts]
    (tmp_path / "all.jsonl").write_text("".join(json.dumps(row) + "\n" for row in texts))
    command = ["embed", "--model", str(model), "--input", str(tmp_path / "all.jsonl")]
    assert main([*command, "--output", str(tmp_path / "all.npy")]) == 0
    np.testing.assert_allclose(vectors, np.load(tmp_path / "all.npy"), atol=1e-6)
    stats = json.loads((tmp_path / "vectors" / "corpus_stats.json").read_text())
    assert stats["rejected"] == {"text_missing": 1, "broken_json": 1}
    assert (stats["width"], stats["vectors"]) == (8, 200)
    shards = [pq.read_table(path) for path in (tmp_path / "vectors").glob("vectors-*.parquet")]
    assert stats["texts_cut"] == sum(cut > 0 for shard in shards for cut in shard["cut"].to_pylist()) > 20
    assert stats["pieces"] == sum(length for shard in shards for length in shard["length"].to_pylist())
    assert earlier_output(str(tmp_path / "vectors")).kind == "vectors"
    assert "200 texts, 200 mean vectors for each text, layer -1, of 8 numbers" in capsys.readouterr().out


def test_a_launch_goes_on_where_the_last_one_ended(settings, tmp_path, monkeypatch):
    embed, done = module._embed, []

    def broken(item, job):
        if done:
            raise UserError("the second shard fails")
        done.append(item.index)
        return embed(item, job)

    files = [tmp_path / "raw" / name for name in ("a.jsonl", "b.jsonl")]
    many = "".join(path.read_text() for path in files) * 300  # more than one range
    files[0].write_text(many)
    monkeypatch.setattr(module, "_embed", broken)
    with pytest.raises(UserError, match="the second shard fails"):
        run_embed(settings)
    first = tmp_path / "vectors" / next(path.name for path in (tmp_path / "vectors").glob("vectors-*"))
    written = first.stat().st_mtime_ns
    again = []
    monkeypatch.setattr(module, "_embed", lambda item, job: again.append(item.index) or embed(item, job))
    manifest = run_embed(settings)
    assert done[0] not in again
    assert len(again) == len(manifest.shards) - 1 >= 1
    assert first.stat().st_mtime_ns == written
    assert run_embed(settings) == manifest


def another_model(model, folder):
    """A copy of the model at `folder`, whose words mean something else."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(model, folder)
    pieces = (folder / "vocab.txt").read_text()
    (folder / "vocab.txt").write_text(pieces.replace("cat\nsat\n", "sat\ncat\n"))


def test_a_model_that_changed_since_the_first_launch_is_refused(settings, model, tmp_path, monkeypatch):
    here = shutil.copytree(model, tmp_path / "model")
    own = dataclasses.replace(settings, model=str(here))

    def killed(rows, job):
        raise UserError("killed before its end")

    monkeypatch.setattr(pipeline, "finish_vectors", killed)
    with pytest.raises(UserError, match="killed before its end"):
        run_embed(own)
    monkeypatch.undo()
    shard = tmp_path / "vectors" / "vectors-00000-of-00001.parquet"
    before = shard.read_bytes()
    another_model(model, here)
    with pytest.raises(
        UserError, match=r"already holds .* of another run; remove that folder or choose another --output"
    ):
        run_embed(own)
    assert shard.read_bytes() == before
    (here / "vocab.txt").write_text((model / "vocab.txt").read_text())
    assert run_embed(own).documents == 200, "the model of the first launch is back"
    assert shard.read_bytes() == before


def test_a_model_that_changes_while_the_job_runs_ends_it(settings, model, tmp_path, monkeypatch):
    here = shutil.copytree(model, tmp_path / "model")
    job, items = open_job(dataclasses.replace(settings, model=str(here)), 0.0)
    line = write_plan(items, job.output, module.STEP)[0]
    another_model(model, here)
    embedders = module.embedder_of.__globals__["_embedders"]
    monkeypatch.setitem(module.embedder_of.__globals__, "_embedders", embedders.__wrapped__)  # as in a new process
    with pytest.raises(UserError, match="its weights, network or tokenizer changed after the job had begun"):
        module.embed_range(line, job)
    assert not list((tmp_path / "vectors").glob("vectors-*"))


def test_another_model_in_a_finished_folder_is_refused(settings, tmp_path):
    run_embed(settings)
    with pytest.raises(UserError, match=r"made with --pooling model \(now cls\)"):
        run_embed(dataclasses.replace(settings, pooling="cls"))


def test_a_dry_run_writes_nothing(settings, tmp_path, capsys):
    tell_plan(settings)
    assert "1 shards of vectors from" in capsys.readouterr().out
    assert not (tmp_path / "vectors").exists()
