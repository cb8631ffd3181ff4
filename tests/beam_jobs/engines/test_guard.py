import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent.parent
GUARD = [sys.executable, "-m", "beam_jobs.engines.guard"]


def start(*command: str, **options) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, **options)


def is_alive(number: int) -> bool:
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_for_end(number: int) -> bool:
    end = time.monotonic() + 60
    while is_alive(number) and time.monotonic() < end:
        time.sleep(0.05)
    return not is_alive(number)


def test_the_status_and_output_of_the_command():
    process = start(*GUARD, "sh", "-c", "echo done; exit 7")
    assert process.communicate(timeout=60)[0] == "done\n"
    assert process.returncode == 7


def test_the_command_ends_when_our_parent_is_killed():
    guarded = [*GUARD, "sh", "-c", "echo $$; exec sleep 600"]
    parent = start("sh", "-c", '"$@" & wait', "parent", *guarded)
    number = int(parent.stdout.readline())
    assert is_alive(number)
    parent.kill()
    assert wait_for_end(number)


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("ignored", ["", "trap '' TERM INT; "])
def test_the_command_ends_when_we_are_asked_to(asked, ignored):
    process = start(*GUARD, "sh", "-c", f"{ignored}echo $$; while :; do sleep 0.1; done")
    number = int(process.stdout.readline())
    process.send_signal(asked)
    assert wait_for_end(number)
    assert process.wait(60) != 0
