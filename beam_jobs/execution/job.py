"""What the launch and the statistics know of a job, whichever it is."""

from typing import Protocol

from beam_jobs.settings import Settings


class Job(Protocol):
    """The settings of a job and what follows from them; every job has a frozen dataclass of this form."""

    @property
    def settings(self) -> Settings:
        """As the user gave them."""

    @property
    def output(self) -> str:
        """The output folder, as an absolute path or URI."""

    @property
    def started(self) -> float:
        """Seconds since the epoch when this launch began."""

    @property
    def hash(self) -> str:
        """The hash of all that decides the output bytes."""
