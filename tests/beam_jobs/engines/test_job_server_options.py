from apache_beam.options.pipeline_options import PipelineOptions

from beam_jobs.engines.job_server_options import JobServerBatchOptions


def test_what_the_user_gives_is_sent():
    options = PipelineOptions(["--number_of_execution_retries=3", "--object_reuse", "--storage_level", "DISK_ONLY"])
    sent = {name: value for name, value in options.get_all_options().items() if value is not None}
    assert sent["number_of_execution_retries"] == 3
    assert sent["object_reuse"] is True
    assert sent["storage_level"] == "DISK_ONLY"


def test_what_the_user_does_not_give_is_not_sent():
    defaults = PipelineOptions([]).view_as(JobServerBatchOptions)
    assert {defaults.get_all_options()[name] for name in ("object_reuse", "max_bundle_size", "cache_disabled")} == {
        None
    }
