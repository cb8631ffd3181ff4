"""The request that a job on Dataflow would be, made offline: nothing is staged or sent, and no credentials are needed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import apache_beam as beam
from apache_beam.options.pipeline_options import (
    GoogleCloudOptions,
    PipelineOptions,
    SetupOptions,
    TestOptions,
)

LIMIT_BYTES = 10_000_000
"""Google's limit for the graph of a job; a whole request may take 20 MB (cloud.google.com/dataflow/docs/request-quotas)."""


@dataclass(frozen=True)
class DataflowRequest:
    """`job` is the v1b3 job, `pipeline` the pipeline's proto, which is staged as a file beside the package."""

    job: Any
    pipeline: Any

    @property
    def job_bytes(self) -> int:
        """Size of the request in JSON."""
        from google.protobuf import json_format

        return len(json_format.MessageToJson(self.job._pb))

    @property
    def pipeline_bytes(self) -> int:
        """Size of the staged pipeline."""
        return self.pipeline.ByteSize()

    def line(self) -> str:
        """The sizes for a terminal."""
        return (
            f"request    {self.job_bytes / 1e3:,.0f} kB of job and {self.pipeline_bytes / 1e3:,.0f} kB of pipeline for Dataflow, "
            f"which takes {LIMIT_BYTES / 1e6:g} MB"
        )


def dataflow_request(build: Callable[[beam.Pipeline], object], options: PipelineOptions) -> DataflowRequest:
    """What `build` is translated to for Dataflow.

    Args:
        build: adds the steps to a pipeline.
        options: of the job; `--setup_file` is left out, since the package need not be built for this.
    """
    from apache_beam.runners.dataflow.dataflow_runner import DataflowRunner
    from apache_beam.runners.dataflow.internal import apiclient

    offline = PipelineOptions.from_dictionary(options.get_all_options(drop_default=True))
    offline.view_as(TestOptions).dry_run = True
    offline.view_as(SetupOptions).setup_file = None
    offline.view_as(SetupOptions).sdk_location = "container"
    google = offline.view_as(GoogleCloudOptions)
    google.no_auth = True
    runner = DataflowRunner()
    pipeline = beam.Pipeline(runner=runner, options=offline)
    build(pipeline)
    result: Any = pipeline.run()
    job = result.job.proto
    job.environment = apiclient.Environment(
        packages=[],
        options=offline,
        environment_version="8",
        proto_pipeline_staged_url=f"{google.staging_location}/pipeline.pb",
        proto_pipeline=runner.proto_pipeline,
    ).proto
    return DataflowRequest(job, runner.proto_pipeline)
