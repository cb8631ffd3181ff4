"""The worker of a remote engine: `beambert-worker`, the command that an engine starts on its nodes.

An engine of Beam (Flink, Spark, Prism) starts workers in a Docker image, or by a command of the user's (`PROCESS`, or a worker
pool). It gives that command the addresses of its services. The command in Beam's image also installs what the driver has
staged. This one does not: the package is installed already in the Python that the command belongs to.
"""

import argparse
import os
import sys
from collections.abc import Sequence

from beam_jobs.console.interruption import leave_with_parent
from beam_jobs.engines.lean_beam import load_beam_lean

_PATIENCE_S = 60


def main(arguments: Sequence[str] | None = None) -> None:
    """Become Beam's worker for the engine whose addresses the command line names; end with the process that started us.

    A task manager that is killed leaves its workers behind, and they would go on writing.
    """
    parser = argparse.ArgumentParser(prog="beambert-worker", description="A worker of Flink, Spark or Prism.")
    for name in ("id", "provision_endpoint"):
        parser.add_argument(f"--{name}", required=True, help="given by the engine")
    for name in ("logging_endpoint", "artifact_endpoint", "control_endpoint"):
        parser.add_argument(f"--{name}", default="", help="given by the engine")
    given = parser.parse_known_args(sys.argv[1:] if arguments is None else arguments)[0]
    given.id = given.id.strip("'")  # Prism quotes it as for a shell, but starts none
    leave_with_parent()
    load_beam_lean()
    os.environ["WORKER_ID"] = given.id  # Beam reads it when it is imported
    os.environ.update(worker_environment(given))
    from apache_beam.runners.worker.sdk_worker_main import main as beam_worker

    beam_worker(sys.argv)
    os._exit(0)  # taking gRPC down in good order takes half a second


def worker_environment(given: argparse.Namespace) -> dict[str, str]:
    """What Beam's worker reads from its environment: the addresses, and the pipeline's options from the engine.

    Args:
        given: `id` and `provision_endpoint`; `control_endpoint` and `logging_endpoint` where the engine does not tell them
            with the options.
    """
    import grpc
    from apache_beam.portability.api import beam_provision_api_pb2, beam_provision_api_pb2_grpc, endpoints_pb2
    from google.protobuf import json_format, text_format

    with grpc.insecure_channel(given.provision_endpoint) as channel:
        request = beam_provision_api_pb2.GetProvisionInfoRequest()
        ask = beam_provision_api_pb2_grpc.ProvisionServiceStub(channel).GetProvisionInfo
        told = ask(request, metadata=[("worker_id", given.id)], wait_for_ready=True, timeout=_PATIENCE_S).info

    def address(url: str) -> str:
        return text_format.MessageToString(endpoints_pb2.ApiServiceDescriptor(url=url), as_one_line=True)

    return {
        "WORKER_ID": given.id,
        "PIPELINE_OPTIONS": json_format.MessageToJson(told.pipeline_options),
        "CONTROL_API_SERVICE_DESCRIPTOR": address(told.control_endpoint.url or given.control_endpoint),
        "LOGGING_API_SERVICE_DESCRIPTOR": address(told.logging_endpoint.url or given.logging_endpoint),
        "RUNNER_CAPABILITIES": " ".join(told.runner_capabilities),
    }


if __name__ == "__main__":
    main()
