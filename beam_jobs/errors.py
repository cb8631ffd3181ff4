"""The exceptions that reach a user as a single line instead of a traceback."""


class UserError(Exception):
    """A mistake of the user's, or of the input's, that the user can mend.

    The message is one line that names the file, the setting and the remedy; the command line prints it as it is and
    exits with status 2. Everything else that is raised is a defect of ours and keeps its traceback.
    """


class EnvironmentUserError(UserError):
    """A UserError whose cause is neither input nor settings, such as a full disk: mended, the same command goes on."""
