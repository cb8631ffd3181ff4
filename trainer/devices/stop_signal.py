"""Handles a request to stop (SIGTERM, SIGHUP, Ctrl-C): the current update is finished and saved first."""

import contextlib
import signal
import threading
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any

from beam_jobs.console.interruption import STOPPING, answering, leave
from trainer.devices.runtime import Runtime

ASK_HOSTS_EVERY = 10  # updates between looks at whether another host was asked to stop


class StopSignal:
    """A context in which, once `watch` was called, the first request to stop only sets `received`.

    `say` acknowledges it at once. A second Ctrl-C ends the process immediately. Before `watch` a request to stop ends
    the command at once, since there is nothing to save.
    """

    def __init__(self, say: Callable[[str], None] = lambda text: None) -> None:
        self.received: signal.Signals | None = None
        self._say = say
        self._before: dict[int, Any] = {}
        self._answering = contextlib.ExitStack()
        self._asked = 0

    def __enter__(self) -> "StopSignal":
        return self

    def watch(self) -> None:
        """From now on there is something to save. Does nothing outside the main thread, or if called again."""
        if self._before or threading.current_thread() is not threading.main_thread():
            return
        for number in STOPPING:
            if signal.getsignal(number) != signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._note)
        self._answering.enter_context(answering(self._answer))

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._answering.close()
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before = {}

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.received is not None and number == signal.SIGINT:
            raise KeyboardInterrupt
        self.received = self.received or signal.Signals(number)

    def _answer(self, number: int) -> bool:
        """Answer at once, in a thread, because the main thread may be in the middle of a long update."""
        self._asked += 1
        if self._asked == 1:
            name = signal.Signals(number).name
            self._say(f"{name}: finishing this update and saving it; Ctrl-C once more stops at once")
        elif number == signal.SIGINT:
            leave("trainer pretrain: interrupted; the same command goes on from the last checkpoint", number)
        return False


def stop_on_every_host(received: signal.Signals | None, step: int, runtime: Runtime) -> signal.Signals | None:
    """The signal to stop for after `step` updates, the same on every host; None to go on.

    Hosts tell each other every ASK_HOSTS_EVERY updates whether they were asked to stop: all must stop at the same step.
    """
    if runtime.hosts == 1:
        return received
    if step % ASK_HOSTS_EVERY or not runtime.any_host(received is not None):
        return None
    return received or signal.SIGTERM
