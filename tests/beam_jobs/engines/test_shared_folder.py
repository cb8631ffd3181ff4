import apache_beam as beam
import pytest

from beam_jobs.engines.shared_folder import require_shared
from beam_jobs.errors import UserError
from beam_jobs.execution.run_pipeline import pipeline_options, run_pipeline
from beam_jobs.records import WORK_FOLDER


def test_the_folder_that_the_driver_has_begun(tmp_path):
    with pytest.raises(UserError, match=r"the worker on \S+ does not see --output .*mounted at the same path"):
        require_shared(7, str(tmp_path))
    (tmp_path / WORK_FOLDER).mkdir()
    assert require_shared(7, str(tmp_path)) == 7
    assert require_shared(7, "gs://bucket/out") == 7


def test_the_runner_carries_it_to_the_driver(tmp_path):
    with pytest.raises(UserError, match=r"^the worker on \S+ does not see --output \S+, where the driver"):
        run_pipeline(
            lambda pipeline: pipeline | beam.Create([1]) | beam.Map(require_shared, str(tmp_path)),
            pipeline_options([]),
            1,
        )
