"""What the launch and the statistics know about a job of any kind."""

from typing import Protocol

from beam_jobs.settings import Settings


class Job(Protocol):
    """The settings of a job, and what follows from them. Every job has a frozen dataclass of this form."""

    @property
    def settings(self) -> Settings:
        """The settings as the user gave them."""

    @property
    def output(self) -> str:
        """The output folder, as an absolute path or URI."""

    @property
    def started(self) -> float:
        """Seconds since the epoch when this launch began."""

    @property
    def hash(self) -> str:
        """The hash of everything that decides the output bytes."""
