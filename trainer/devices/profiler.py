"""Traces a few updates, for TensorBoard or XProf."""

from collections.abc import Callable

from beam_jobs import storage
from trainer.devices.runtime import Runtime


class Profiler:
    """Traces the updates `steps`, counted from a launch at `launched_at`, into `output`/profile; the first host does."""

    def __init__(
        self, steps: range, launched_at: int, output: str, runtime: Runtime, say: Callable[[str], None]
    ) -> None:
        self._steps, self._launched_at, self._say = steps, launched_at, say
        self._folder, self._runtime, self._tracing = storage.join(storage.absolute(output), "profile"), runtime, False

    def before(self, step: int) -> None:
        """Called before the update that follows `step` updates of the run."""
        since = step - self._launched_at
        if self._steps and self._runtime.is_primary and since == self._steps.start:
            self._runtime.start_trace(self._folder)
            self._tracing = True
        elif since >= self._steps.stop:
            self.stop(step)

    def stop(self, step: int) -> None:
        """End the trace, if there is one."""
        if self._tracing:
            self._runtime.stop_trace()
            self._tracing = False
            self._say(f"profile up to step {step:,} in {self._folder}, for TensorBoard or XProf")
