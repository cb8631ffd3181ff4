"""In a process of its own: signals are the process's. Whole runs are stopped in end_to_end/test_foreign_troubles."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

CODE = """
import os, signal, sys, time
from beam_jobs.console.interruption import leave_at_once
from trainer.devices.stop_signal import StopSignal

leave_at_once("left")

def ask(number, say=lambda text: print(text, flush=True)):
    os.kill(os.getpid(), number)
    time.sleep(0.3)

with StopSignal(lambda text: print(text, flush=True)) as stop:
    {body}
print("end", flush=True)
"""
SAID = "{}: finishing this update and saving it; Ctrl-C once more stops at once"


def run(body):
    done = subprocess.run(
        [sys.executable, "-c", CODE.format(body=body)],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return done.returncode, done.stdout.splitlines(), done.stderr


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGHUP"])
def test_the_first_request_is_noted_and_acknowledged(name):
    status, lines, _ = run(f"stop.watch(); ask(signal.{name}); print(stop.received.name)")
    assert (status, lines) == (0, [SAID.format(name), name, "end"])


def test_the_first_of_two_requests_counts():
    _, lines, _ = run("stop.watch(); ask(signal.SIGTERM); ask(signal.SIGHUP); print(stop.received.name)")
    assert lines == [SAID.format("SIGTERM"), "SIGTERM", "end"]


def test_a_second_interrupt_leaves_at_once():
    status, lines, errors = run("stop.watch(); ask(signal.SIGINT); ask(signal.SIGINT)")
    assert lines == [SAID.format("SIGINT")]
    assert status == 128 + signal.SIGINT
    assert "interrupted; the same command goes on from the last checkpoint" in errors


def test_before_there_is_something_to_save_a_request_does_what_it_did():
    assert run("ask(signal.SIGTERM)") == (128 + signal.SIGTERM, [], "left\n")


def test_afterwards_too():
    assert run("stop.watch(); stop.watch()\nask(signal.SIGTERM)") == (128 + signal.SIGTERM, [], "left\n")


def test_an_ignored_signal_stays_ignored():
    _, lines, _ = run(
        "signal.signal(signal.SIGHUP, signal.SIG_IGN); stop.watch(); ask(signal.SIGHUP); print(stop.received)"
    )
    assert lines == ["None", "end"]
