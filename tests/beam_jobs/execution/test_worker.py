import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = str(Path(__file__).parents[3])
PARENT = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", sys.argv[1]], stdout=subprocess.PIPE)
print(child.pid, child.stdout.readline().decode().strip(), flush=True)
input()
"""
WORKER = """
import sys, types
fake = types.ModuleType("sdk_worker_main")
def main(argv):
    print("working", argv[1:], flush=True)
    sys.stderr.write("a traceback")
    if {wait}:
        import time
        while True:
            time.sleep(0.05)
fake.main = main
sys.modules["apache_beam.runners.worker.sdk_worker_main"] = fake
sys.argv = ["worker", "--x"]
from beam_jobs.execution.worker import main
main()
print("never", flush=True)
"""


def environment():
    return {**os.environ, "PYTHONPATH": ROOT}


def test_beams_worker_runs_without_tracebacks_and_the_process_ends_with_it():
    done = subprocess.run(
        [sys.executable, "-c", WORKER.format(wait=False)],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "working ['--x']\n", "")


@pytest.mark.skipif(not Path("/proc").exists(), reason="looks at processes through /proc")
def test_a_worker_goes_when_its_driver_is_killed():
    driver = subprocess.Popen(
        [sys.executable, "-c", PARENT, WORKER.format(wait=True)],
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    pid, said = driver.stdout.readline().split(maxsplit=1)
    assert said.startswith("working")
    driver.send_signal(signal.SIGKILL)
    driver.wait()
    for _ in range(600):
        state = Path(f"/proc/{pid}/stat")
        if not state.exists() or state.read_text().rpartition(")")[2].split()[0] == "Z":
            break
        time.sleep(0.1)
    else:
        os.kill(int(pid), signal.SIGKILL)
        pytest.fail("the worker outlived its driver")
