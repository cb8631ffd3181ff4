"""A command in a process of its own: its streams, its mistakes in one line, its exit status."""

import contextlib
import io
import os
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn, TextIO

from beam_jobs.console.interruption import leave_at_once
from beam_jobs.errors import UserError


def run_as_process(main: Callable[[Sequence[str]], int], interrupted: str) -> NoReturn:
    """Run `main` with the arguments of this process and end the process with the status that it returns.

    A UserError is one line and status 2. `interrupted` is the line for somebody who stops the command, see
    `leave_at_once`. Threads that are still running (Beam's may outlive a pipeline that has failed) do not keep the process.
    """
    _open_missing_streams()
    sys.stdout = _Output(sys.stdout)
    sys.stderr = _Output(sys.stderr, must_arrive=False)
    leave_at_once(interrupted)
    status = _run(main)
    with contextlib.suppress(UserError):  # the mistake that is told already
        sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _run(main: Callable[[Sequence[str]], int]) -> int:
    try:
        status = main(sys.argv[1:])
        sys.stdout.flush()
        return status
    except UserError as error:
        print(f"beambert: error: {error}", file=sys.stderr)
        return 2
    except SystemExit as leaving:  # of argparse, after --help
        return leaving.code if isinstance(leaving.code, int) else 0
    except BaseException:  # a defect of ours keeps its traceback
        sys.excepthook(*sys.exc_info())
        return 1


def _open_missing_streams() -> None:
    """Let descriptors 0 to 2 lead nowhere where the caller closed them: a file opened next would be taken for a stream."""
    for descriptor, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number, which is this one
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(descriptor, mode))


class _Output(io.TextIOWrapper):
    """A standard stream whose reader may go, and which shows any character: neither is a reason to stop working."""

    def __init__(self, stream: TextIO, must_arrive: bool = True) -> None:
        encoding, line_buffering = stream.encoding, bool(stream.line_buffering)
        super().__init__(
            stream.detach(),  # type: ignore[attr-defined]
            encoding=encoding,
            errors="backslashreplace",
            line_buffering=line_buffering,
        )
        self._must_arrive = must_arrive

    def write(self, text: str) -> int:
        try:
            return super().write(text)
        except OSError as error:
            self._refused(error)
            return len(text)

    def flush(self) -> None:
        try:
            super().flush()
        except OSError as error:
            self._refused(error)

    def _refused(self, error: OSError) -> None:
        """From now on what is written goes nowhere; UserError when it should have arrived: the disk is full."""
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.fileno())
        os.close(nowhere)
        if self._must_arrive and not isinstance(error, BrokenPipeError):
            raise UserError(f"cannot write to standard output: {error.strerror or error}") from error
