"""How a command and its helper processes end when they are stopped: at once, with one line from the command.

Ctrl-C in a terminal reaches every process of the foreground group, and so do the signals of `timeout`, Slurm and
systemd. A helper must not react to it: if it ended before the command, this would look like a fault, and it would print
a traceback.
"""

import contextlib
import multiprocessing
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
"""The line of an interrupted command that keeps none of its work."""

IGNORED_BY_HELPERS = "trap '' " + " ".join(number.name.removeprefix("SIG") for number in STOPPING)
"""A shell command that makes the program which the shell then executes, and Python too, ignore these signals."""

_LOOK_EVERY_S = 0.1
_NO_SIGNAL = 0


def leave_at_once(line: str) -> None:
    """From now on a signal of STOPPING ends this process in milliseconds: `line` on stderr, exit status 128 + signal.

    No exception is raised and no cleanup runs. This is safe, because every file has a temporary name until it is
    complete. Beam would take seconds to close its connections, and print a traceback for each. A thread ends the
    process, because Python runs signal handlers only between its own instructions, and a compiled kernel may run for
    long. A signal that is ignored already (`nohup`, a background job of a script) stays ignored. Call this in the main
    thread of a command's own process.
    """
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    for number in STOPPING:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _leave_it_to_the_thread)
    threading.Thread(target=_leave_on_signal, args=(reader, line), daemon=True, name="leave-on-signal").start()


def _leave_it_to_the_thread(number: int, frame: FrameType | None) -> None:
    """Does nothing. Python writes a signal's number to the wake-up descriptor only if the signal has a handler."""


def _leave_on_signal(reader: int, line: str) -> None:
    while True:
        for number in os.read(reader, 64):
            if number in STOPPING:
                leave(line, number)


def leave(line: str, number: int) -> NoReturn:
    """End this process as `leave_at_once` does after the signal `number`. Any thread may call this."""
    with contextlib.suppress(OSError):
        os.write(2, f"{_fresh_line()}{line}\n".encode())
    os._exit(128 + number)


@contextlib.contextmanager
def answering(answer: Callable[[int], bool]) -> Iterator[None]:
    """While the body runs, a signal of STOPPING calls `answer(number)` before it ends the process.

    A thread makes the call, so the main thread may be busy. `answer` returns whether the signal is passed on: to an
    enclosing `answering`, or else to the end of the process. This does nothing if `leave_at_once` was not called, or
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
    """On a terminal, the codes that show the cursor again and begin a new line, below a progress display or "^C"."""
    if not os.isatty(2):
        return ""
    return "\n" if os.environ.get("TERM", "dumb") == "dumb" else "\x1b[?25h\n"


def leave_with_parent() -> None:
    """From now on this helper process ends as soon as the process that started it has ended."""
    spawned_by = multiprocessing.parent_process()  # it may have ended already, and then getppid() is another process
    parent = os.getppid() if spawned_by is None or spawned_by.pid is None else spawned_by.pid
    threading.Thread(target=_leave_with, args=(parent,), daemon=True, name="watch-parent").start()


def _leave_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK_EVERY_S)
    os._exit(1)


@contextlib.contextmanager
def helpers_spared() -> Iterator[None]:
    """Processes that `multiprocessing` spawns in the body ignore the signals of STOPPING from their start on.

    Each of them must call `become_helper` first.
    """
    silent = "ignore:resource_tracker"  # it would warn of semaphores that remain when the process ends at once
    sys.warnoptions.append(silent)
    try:
        resource_tracker.ensure_running()  # its start would undo the block of signals below
    finally:
        sys.warnoptions.remove(silent)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def become_helper() -> None:
    """Called first by a process that `helpers_spared` covers: it ends with its parent, which alone handles Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)  # so that a pool can terminate it
    leave_with_parent()


def run_command(command: Sequence[str]) -> int:
    """Run a command that handles Ctrl-C itself, and return its exit status, 128 + signal if it was stopped.

    The terminal sends Ctrl-C to the command too; other requests to stop are passed on to it. Call this in the main
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
