"""Runs a command as a process: standard streams, one line for a mistake, exit status."""

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

    A UserError is printed as one line, with status 2. `interrupted` is the line that is printed if the command is
    stopped; see `leave_at_once`. The process ends even if threads still run, as Beam's may after a pipeline has failed.
    """
    _open_missing_streams()
    sys.stdout = _Output(sys.stdout)
    sys.stderr = _Output(sys.stderr, must_arrive=False)
    leave_at_once(interrupted)
    status = _run(main)
    with contextlib.suppress(UserError):  # this mistake has been reported already
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
    except SystemExit as leaving:  # raised by argparse after --help
        return leaving.code if isinstance(leaving.code, int) else 0
    except BaseException:  # a defect of beambert keeps its traceback
        sys.excepthook(*sys.exc_info())
        return 1


def _open_missing_streams() -> None:
    """Open /dev/null for descriptors 0 to 2 if they are closed, since the next opened file would get such a number."""
    for descriptor, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest free number, which is this one
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(descriptor, mode))


class _Output(io.TextIOWrapper):
    """A standard stream that survives a closed pipe, and characters that the terminal's encoding lacks."""

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
        """Discard what is written from now on. Raises UserError if the output had to arrive, as on a full disk."""
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.fileno())
        os.close(nowhere)
        if self._must_arrive and not isinstance(error, BrokenPipeError):
            raise UserError(f"cannot write to standard output: {error.strerror or error}") from error
