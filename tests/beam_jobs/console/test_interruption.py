"""How processes end when they are asked to; commands in a terminal are in test_interruptions of the end-to-end tests."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from beam_jobs.console.interruption import IGNORED_BY_HELPERS, STOPPING, run_command

ROOT = Path(__file__).parent.parent.parent
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}
WAITS = "from beam_jobs.console.interruption import leave_at_once; leave_at_once('stopped'); print(flush=True); "


@pytest.mark.parametrize("number", STOPPING)
@pytest.mark.parametrize(
    "work",
    [
        "import time; time.sleep(60)",
        "import hashlib; hashlib.pbkdf2_hmac('sha256', b'x', b'x', 10**9)",  # one C call, as a kernel: handlers wait for it
    ],
)
def test_a_signal_ends_the_process_with_one_line(number: signal.Signals, work: str) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", WAITS + work],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT,
    )  # fmt: skip
    assert process.stdout is not None
    process.stdout.readline()
    if "hashlib" in work:
        time.sleep(0.2)  # let it get into that call
    process.send_signal(number)
    try:
        assert process.communicate(timeout=30)[1] == "stopped\n"
    finally:
        process.kill()
    assert process.returncode == 128 + number


def test_a_signal_that_is_ignored_stays_ignored() -> None:
    """As `nohup` and background jobs of a script have it."""
    code = WAITS + "import os, signal; os.kill(os.getpid(), signal.SIGINT); os.kill(os.getpid(), signal.SIGHUP)"
    done = subprocess.run(
        ["sh", "-c", f'{IGNORED_BY_HELPERS}; exec "$0" "$@"', sys.executable, "-c", code],
        capture_output=True, text=True, env=ENVIRONMENT, timeout=30,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("import sys; sys.exit(3)", 3),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", 128 + signal.SIGKILL),
        ("import os, signal, time; os.kill(os.getppid(), signal.SIGINT); time.sleep(0.3)", 130),
        ("import os, signal, time; os.kill(os.getppid(), signal.SIGTERM); time.sleep(60)", 143),
    ],
)
def test_a_command_within_the_command(code: str, status: int) -> None:
    before = [signal.getsignal(number) for number in STOPPING]
    assert run_command([sys.executable, "-c", code]) == status
    assert [signal.getsignal(number) for number in STOPPING] == before


def test_a_signal_is_answered_from_the_inside_out_and_need_not_end_the_process():
    """In a process of its own, since `leave_at_once` stays in force."""
    code = (
        "import os, signal, time\n"
        "from beam_jobs.console.interruption import answering, leave_at_once\n"
        "leave_at_once('left')\n"
        "said = []\n"
        "def say(text, pass_on):\n"
        "    return lambda number: (said.append(text), pass_on)[1]\n"
        "def ask(count):\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    while len(said) < count: time.sleep(0.01)\n"
        "with answering(say('outer', False)):\n"
        "    with answering(say('inner', True)): ask(2)\n"
        "    ask(3)\n"
        "print(*said, flush=True)\n"
        "with answering(say('last', True)): ask(9)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (130, "inner outer outer\n", "left\n")


def test_without_an_end_at_once_nothing_is_answered():
    from beam_jobs.console.interruption import answering

    before = signal.getsignal(signal.SIGINT)
    with answering(lambda number: True):
        assert signal.getsignal(signal.SIGINT) is before
        assert signal.set_wakeup_fd(-1) == -1
