import json

import pytest

from beam_jobs.api import run as module
from beam_jobs.api.run import run, run_corpus
from beam_jobs.errors import UserError
from beam_jobs.records import Manifest, Shard
from beam_jobs.settings import InstanceSettings, SegmentSettings, VocabularySettings

MANIFEST = Manifest(
    "x", "h", {}, (Shard("train/a.txt", "train", 1, 1, 2, "0"), Shard("b.txt", "default", 1, 1, 2, "0"))
)


@pytest.fixture
def ran(tmp_path, monkeypatch):
    """The jobs that were run, in place of running them; their output has statistics."""
    (tmp_path / "corpus_stats.json").write_text(json.dumps({"documents": 3}))
    jobs = []

    def stand_in(name):
        return lambda *given: jobs.append((name, *given)) or MANIFEST

    for settings_class in (SegmentSettings, InstanceSettings, VocabularySettings):
        monkeypatch.setitem(module._JOBS, settings_class, stand_in(settings_class.__name__))
    monkeypatch.setattr(module, "corpus_job", stand_in("corpus"))
    return jobs


@pytest.mark.parametrize("settings_class", [SegmentSettings, InstanceSettings, VocabularySettings])
def test_the_job_is_that_of_the_settings(ran, tmp_path, settings_class):
    settings = settings_class(("in",), str(tmp_path))
    result = run(settings, ("--runner=X",))
    assert ran == [(settings_class.__name__, settings, ["--runner=X"])]
    assert (result.output, result.manifest, result.statistics) == (str(tmp_path), MANIFEST, {"documents": 3})
    assert result.shards == [f"{tmp_path}/train/a.txt", f"{tmp_path}/b.txt"]


def test_both_jobs_in_one_launch(ran, tmp_path):
    one, two = SegmentSettings(("in",), "between"), InstanceSettings(("between",), str(tmp_path))
    assert run_corpus(one, two).output == str(tmp_path)
    assert ran == [("corpus", one, two, [])]
    with pytest.raises(UserError, match="the input of the one must be the output of the other"):
        run_corpus(one, InstanceSettings(("elsewhere",), str(tmp_path)))


def test_something_else_is_no_job():
    with pytest.raises(UserError, match=r"takes the settings of a job \(SegmentSettings, .*\), not dict"):
        run({})
