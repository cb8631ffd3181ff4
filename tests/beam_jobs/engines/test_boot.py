import argparse
import json
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from apache_beam.portability.api import beam_provision_api_pb2, beam_provision_api_pb2_grpc, endpoints_pb2
from google.protobuf import json_format, struct_pb2, text_format

from beam_jobs.engines.boot import worker_environment


class Engine(beam_provision_api_pb2_grpc.ProvisionServiceServicer):
    """The service of an engine that tells a worker about its job."""

    def __init__(self, info):
        self.info = info
        self.asked_by = []

    def GetProvisionInfo(self, request, context):
        self.asked_by.append(dict(context.invocation_metadata())["worker_id"])
        return beam_provision_api_pb2.GetProvisionInfoResponse(info=self.info)


@pytest.fixture
def serve():
    """Start an engine's service: its address."""
    server = grpc.server(ThreadPoolExecutor(1))

    def start(engine):
        beam_provision_api_pb2_grpc.add_ProvisionServiceServicer_to_server(engine, server)
        port = server.add_insecure_port("localhost:0")
        server.start()
        return f"localhost:{port}"

    yield start
    server.stop(None)


def given(**changes):
    named = {"id": "7-1", "control_endpoint": "c:1", "logging_endpoint": "l:1", "artifact_endpoint": ""}
    return argparse.Namespace(**{**named, **changes})


def url(text):
    return text_format.Parse(text, endpoints_pb2.ApiServiceDescriptor()).url


def test_the_engine_tells_the_options_and_the_command_line_the_addresses(serve):
    options = json_format.ParseDict({"beam:option:s3_region_name:v1": "eu"}, struct_pb2.Struct())
    engine = Engine(beam_provision_api_pb2.ProvisionInfo(pipeline_options=options, runner_capabilities=["a", "b"]))
    environment = worker_environment(given(provision_endpoint=serve(engine)))
    assert engine.asked_by == ["7-1"]
    assert environment["WORKER_ID"] == "7-1"
    assert json.loads(environment["PIPELINE_OPTIONS"]) == {"beam:option:s3_region_name:v1": "eu"}
    assert url(environment["CONTROL_API_SERVICE_DESCRIPTOR"]) == "c:1"
    assert url(environment["LOGGING_API_SERVICE_DESCRIPTOR"]) == "l:1"
    assert environment["RUNNER_CAPABILITIES"] == "a b"


def test_an_address_that_the_engine_tells_comes_first(serve):
    control = endpoints_pb2.ApiServiceDescriptor(url="told:2")
    engine = Engine(beam_provision_api_pb2.ProvisionInfo(control_endpoint=control))
    environment = worker_environment(given(provision_endpoint=serve(engine)))
    assert url(environment["CONTROL_API_SERVICE_DESCRIPTOR"]) == "told:2"
    assert url(environment["LOGGING_API_SERVICE_DESCRIPTOR"]) == "l:1"
