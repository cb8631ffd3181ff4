"""How our processes end when somebody stops them: the command at once and with one line, its helpers with it.

A terminal's Ctrl-C reaches every process of the foreground group, and so does what `timeout`, Slurm and systemd send.
The helpers must not answer it themselves: a helper that dies first looks like a fault, and prints a traceback of its own.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from multiprocessing import resource_tracker
from types import FrameType
from typing import NoReturn

STOPPING = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
"""The signals that ask a process to stop."""

BEGINS_AGAIN = "beambert: interrupted; the same command begins again"
"""What an interrupted command says that keeps nothing of what it has done so far."""

IGNORED_BY_HELPERS = "trap '' " + " ".join(number.name.removeprefix("SIG") for number in STOPPING)
"""A shell command after which the command that the shell becomes, and Python too, ignores these signals."""

_LOOK_EVERY_S = 0.1
_NO_SIGNAL = 0


def leave_at_once(line: str) -> None:
    """From now on a signal of STOPPING ends this process in milliseconds: `line` on stderr, exit status 128 + signal.

    Nothing is unwound. That is safe, since whatever we write has a temporary name until it is whole, and Beam would take
    seconds to close its connections, with a traceback for each. A thread does it, because Python runs signal handlers
    between two of its own instructions and a compiled kernel may take long. A signal that is ignored already (`nohup`, a
    background job of a script) stays ignored. To be called by the main thread of a command's own process.
    """
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    for number in STOPPING:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _leave_it_to_the_thread)
    threading.Thread(target=_leave_on_signal, args=(reader, line), daemon=True, name="leave-on-signal").start()


def _leave_it_to_the_thread(number: int, frame: FrameType | None) -> None:
    """Python writes the number of a signal to the wake-up descriptor only where the signal has a handler."""


def _leave_on_signal(reader: int, line: str) -> None:
    while True:
        for number in os.read(reader, 64):
            if number in STOPPING:
                leave(line, number)


def leave(line: str, number: int) -> NoReturn:
    """End this process as `leave_at_once` does after the signal `number`; any thread may."""
    with contextlib.suppress(OSError):
        os.write(2, f"{_fresh_line()}{line}\n".encode())
    os._exit(128 + number)


@contextlib.contextmanager
def answering(answer: Callable[[int], bool]) -> Iterator[None]:
    """Where signals of STOPPING end this process at once, they first call `answer(number)` while the body runs.

    A thread calls it, whatever the main thread is busy with. It tells whether the signal is to be passed on, to another
    `answering` around this one or to the end of the process. Does nothing where `leave_at_once` is not in force, and
    outside the main thread.
    """
    outer = signal.set_wakeup_fd(-1) if threading.current_thread() is threading.main_thread() else -1
    if outer == -1:
        yield
        return
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    thread = threading.Thread(target=_answer_signals, args=(reader, answer, outer), daemon=True, name="answer-signals")
    thread.start()
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    try:
        yield
    finally:
        signal.set_wakeup_fd(outer)
        os.write(writer, bytes([_NO_SIGNAL]))
        thread.join()
        os.close(reader)
        os.close(writer)


def _answer_signals(reader: int, answer: Callable[[int], bool], outer: int) -> None:
    while True:
        for number in os.read(reader, 64):
            if number == _NO_SIGNAL:
                return
            if number in STOPPING and answer(number):
                os.write(outer, bytes([number]))


def _fresh_line() -> str:
    """On a terminal: the cursor back that a progress display has hidden, and below what it and Ctrl-C have left there."""
    if not os.isatty(2):
        return ""
    return "\n" if os.environ.get("TERM", "dumb") == "dumb" else "\x1b[?25h\n"


def leave_with_parent() -> None:
    """From now on this process, a helper, ends as soon as the process that started it is gone."""
    threading.Thread(target=_leave_with, args=(os.getppid(),), daemon=True, name="watch-parent").start()


def _leave_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK_EVERY_S)
    os._exit(1)


@contextlib.contextmanager
def helpers_spared() -> Iterator[None]:
    """Processes that `multiprocessing` spawns in the body leave the signals of STOPPING to this one from their start on.

    Each is to call `become_helper` first of all.
    """
    silent = "ignore:resource_tracker"  # it would tell of semaphores that are left when we leave at once
    sys.warnoptions.append(silent)
    try:
        resource_tracker.ensure_running()  # starting it takes the block below away
    finally:
        sys.warnoptions.remove(silent)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def become_helper() -> None:
    """What a process spawned within `helpers_spared` begins with: it ends with its parent, and Ctrl-C is its parent's."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)  # a pool may have to terminate it
    leave_with_parent()


def run_command(command: Sequence[str]) -> int:
    """Run a command that answers Ctrl-C itself, and wait for it: the exit status, 128 + signal when it was to stop.

    The terminal's Ctrl-C reaches it without us; other requests to stop are passed on to it. To be called by the main
    thread.
    """
    received: list[int] = []

    def pass_on(number: int, frame: FrameType | None) -> None:
        received.append(number)
        if number != signal.SIGINT:
            process.send_signal(number)

    wakeup = signal.set_wakeup_fd(-1)
    process = subprocess.Popen(command)
    handled = [number for number in STOPPING if signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.signal(number, pass_on) for number in handled}
    try:
        status = process.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(wakeup)
    if received:
        return 128 + received[0]
    return status if status >= 0 else 128 - status
