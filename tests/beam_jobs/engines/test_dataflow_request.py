import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions, SetupOptions

from beam_jobs.engines.dataflow_request import LIMIT_BYTES, dataflow_request


def test_the_request_is_made_offline_and_leaves_the_options_as_they_are():
    given = [
        "--runner=DataflowRunner",
        "--project=project-1",
        "--region=r",
        "--temp_location=gs://bucket/temp",
        "--setup_file=x.py",
    ]
    options = PipelineOptions([*given, "--max_num_workers=7", "--experiments=a"])
    request = dataflow_request(lambda pipeline: pipeline | beam.Create(range(1000)) | beam.Map(print), options)
    pool = request.job.environment.worker_pools[0]
    assert pool.autoscaling_settings.max_num_workers == 7
    assert "a" in request.job.environment.experiments
    assert 1000 < request.job_bytes < LIMIT_BYTES
    assert 1000 < request.pipeline_bytes < LIMIT_BYTES
    assert request.line().startswith("request    ")
    assert options.view_as(SetupOptions).setup_file == "x.py"
