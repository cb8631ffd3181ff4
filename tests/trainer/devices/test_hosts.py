import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from beam_jobs.errors import UserError
from trainer.devices.hosts import hosts_to_join

ADDRESS = {"JAX_COORDINATOR_ADDRESS": "10.0.0.1:1234"}
ALL = {**ADDRESS, "JAX_NUM_PROCESSES": "4", "JAX_PROCESS_ID": "3"}
TOLD = {"coordinator_address": "10.0.0.1:1234", "num_processes": 4, "process_id": 3}
NOTHING = dict.fromkeys(TOLD)


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({}, None),
        (dict.fromkeys(ALL, ""), None),
        ({"SLURM_STEP_NUM_TASKS": "1", "OMPI_COMM_WORLD_SIZE": "1", "TPU_WORKER_HOSTNAMES": "localhost"}, None),
        (ALL, TOLD),
        ({"SLURM_STEP_NUM_TASKS": "2"}, NOTHING),
        ({"OMPI_COMM_WORLD_SIZE": "2"}, NOTHING),
        ({"TPU_WORKER_HOSTNAMES": "a,b"}, NOTHING),
        ({"SLURM_STEP_NUM_TASKS": "2", **ADDRESS}, {**NOTHING, "coordinator_address": "10.0.0.1:1234"}),
    ],
)
def test_who_trains_with_whom(environment, told):
    assert hosts_to_join(environment) == told


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"JAX_PROCESS_ID": ""}, "JAX_COORDINATOR_ADDRESS and JAX_NUM_PROCESSES set, but not JAX_PROCESS_ID"),
        ({"JAX_PROCESS_ID": "4"}, "JAX_PROCESS_ID is 4: it must lie between 0 and 3, as JAX_NUM_PROCESSES is 4"),
        ({"JAX_PROCESS_ID": "-1"}, "JAX_PROCESS_ID is -1: it must lie between 0 and 3"),
        ({"JAX_NUM_PROCESSES": "0"}, "JAX_NUM_PROCESSES is 0: it must be how many processes"),
        ({"JAX_NUM_PROCESSES": "two"}, "JAX_NUM_PROCESSES is 'two': it must be a whole number"),
        ({"JAX_COORDINATOR_ADDRESS": "10.0.0.1"}, "JAX_COORDINATOR_ADDRESS is '10.0.0.1': it must be host:port"),
    ],
)
def test_variables_that_contradict_each_other(change, message):
    with pytest.raises(UserError, match=message):
        hosts_to_join({**ALL, **change})


@pytest.fixture
def metadata():
    """A metadata server of a Cloud TPU VM: the environment there, and what it says of the slice's machines."""
    machines = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            known = self.path.endswith("/instance/attributes/worker-network-endpoints") and machines
            self.send_response(200 if known and self.headers["Metadata-Flavor"] == "Google" else 404)
            self.end_headers()
            self.wfile.write(",".join(machines).encode())

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield {"TPU_ML_PLATFORM": "JAX", "GCE_METADATA_IP": f"127.0.0.1:{server.server_port}"}, machines
    server.shutdown()
    server.server_close()


def test_the_machines_of_a_slice_are_known_to_the_metadata_server(metadata):
    environment, machines = metadata
    assert hosts_to_join(environment) is None, "no slice"
    machines.append("unknown:unknown:10.0.0.1")
    assert hosts_to_join(environment) is None, "a slice of one machine"
    machines.append("unknown:unknown:10.0.0.2")
    assert hosts_to_join(environment) == NOTHING
    assert hosts_to_join({**environment, "TPU_SKIP_MDS_QUERY": "1"}) is None
    assert hosts_to_join({**environment, "TPU_ML_PLATFORM": ""}) is None, "no TPU"
    assert hosts_to_join({**environment, "GCE_METADATA_IP": "127.0.0.1:1"}) is None, "no such server"
