import concurrent.futures
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest
from tiny_servers import connect, send

from beam_jobs.errors import UserError
from trainer.serving.serve import ModelServer

ROOT = Path(__file__).parents[3]
MANY = {"inputs": ["den film var god"] * 64}


# in a background job of a script Ctrl-C is ignored, and so it would be in its children
_START = """
import runpy, signal
signal.signal(signal.SIGINT, signal.SIG_DFL)
runpy.run_module("trainer", run_name="__main__", alter_sys=True)
"""


class Process:
    """`trainer serve` in a process of its own."""

    def __init__(self, folder, environment, *options):
        command = [sys.executable, "-c", _START, "serve", "--model", folder, "--port", "0", *options]
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **environment, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        line = self.process.stdout.readline()
        assert "compiling" in line, self.process.stderr.read()
        self.url = re.search(r"http://\S+:\d+", line)[0]

    def wait_ready(self):
        assert "ready after" in self.process.stdout.readline()

    def end(self):
        """(exit status, the rest of standard output, standard error)"""
        out, err = self.process.communicate(timeout=120)
        return self.process.returncode, out, err


@pytest.fixture
def process(served_folder, quick_compilation):
    started = []

    def process(name, *options, **environment):
        started.append(Process(served_folder(name), {**quick_compilation, **environment}, *options))
        return started[-1]

    yield process
    for one in started:
        one.process.kill()
        one.process.wait()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_the_server_answer_what_it_accepted(process, number):
    server = process("pretrained", "--only", "embed", "--max_batch_tokens", "64", "--max_queue", "4000")
    server.wait_ready()
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        sent = threading.Barrier(17)

        def ask():
            connection = connect(server)
            connection.connect()
            sent.wait()
            return send(connection, "/embed", MANY)[0]

        asking = [pool.submit(ask) for _ in range(16)]
        sent.wait()
        time.sleep(0.3)
        server.process.send_signal(number)
        assert [one.result() for one in asking] == [200] * 16
    status, out, err = server.end()
    assert status == 0
    assert out.endswith("ended; everything that was accepted is answered\n")
    assert f"{number.name}: answering what was accepted, then ending" in err
    assert "Traceback" not in err
    with pytest.raises(httpx.ConnectError):
        httpx.get(server.url, trust_env=False)


def test_memory_does_not_grow_in_a_flood(process):
    server = process("pretrained", "--only", "embed", "--max_queue", "64")
    server.wait_ready()

    def flood(count):
        def ask(_):
            connection = connect(server)
            return [send(connection, "/embed", MANY)[0] for _ in range(count)]

        with concurrent.futures.ThreadPoolExecutor(24) as pool:
            return [status for part in pool.map(ask, range(24)) for status in part]

    def resident():
        return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{server.process.pid}/status").read_text())[1]) / 1024

    flood(5)
    before = resident()
    statuses = flood(40)
    assert set(statuses) == {200, 429}
    assert resident() - before < 40  # MiB


def test_mistakes_are_one_line(process, served_folder, settings_for, tmp_path, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UserError, match=f"--host 127.0.0.1 --port {port}: cannot listen there .*; name others"):
            ModelServer(settings_for("pretrained", port=port))
    monkeypatch.delenv("NO_SUCH_KEY", raising=False)
    with pytest.raises(UserError, match="--api_key_env NO_SUCH_KEY: there is no such environment variable"):
        ModelServer(settings_for("pretrained", api_key_env="NO_SUCH_KEY"))
    with pytest.raises(UserError, match="no such"):
        ModelServer(settings_for("pretrained", model=str(tmp_path / "none")))


def test_other_machines_without_a_key_are_warned_of(settings_for, monkeypatch):
    server = ModelServer(settings_for("pretrained", host="0.0.0.0"))
    assert server.remarks == (
        "--host 0.0.0.0: anybody who reaches this machine may use the model; name a key with --api_key_env",
    )
    server._listener.close()
    monkeypatch.setenv("TEST_BERT_KEY", "sesam")
    server = ModelServer(settings_for("pretrained", host="0.0.0.0", api_key_env="TEST_BERT_KEY"))
    assert server.remarks == ()
    server._listener.close()


def test_a_model_that_cannot_be_compiled_ends_the_server(settings_for):
    server = ModelServer(settings_for("pretrained"))

    def fails(*_):
        raise MemoryError

    server.worker._compile = fails
    server.start()
    with pytest.raises(MemoryError):
        server.wait_ready()
    server.wait_ended()
