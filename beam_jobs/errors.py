"""The exceptions that reach a user as a single line instead of a traceback, and how a mistake in settings becomes one."""

from collections.abc import Iterable, Iterator

Problems = Iterator[tuple[str, str]]
"""What the `problems()` of settings yields: the name of a setting, and what is wrong with it and the remedy."""


class UserError(Exception):
    """A mistake of the user's, or of the input's, that the user can mend.

    The message is one line that names the file, the setting and the remedy; the command line prints it as it is and
    exits with status 2. Everything else that is raised is a defect of ours and keeps its traceback.
    """


class EnvironmentUserError(UserError):
    """A UserError whose cause is neither input nor settings, such as a full disk: mended, the same command goes on."""


class EndedRunUserError(UserError):
    """The run that a worker belongs to has ended: finished without it, or replaced by a run with other settings."""


def raise_first(problems: Iterable[tuple[str, str]], before: str) -> None:
    """Raise UserError for the first of the problems, if any; `before` tells where the setting stands, such as "--"."""
    for name, problem in problems:
        raise UserError(f"{before}{name} {problem}")
