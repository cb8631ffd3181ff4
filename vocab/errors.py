"""The one exception that reaches a user as a single line instead of a traceback."""


class UserError(Exception):
    """A mistake of the user's, or of the input's, that the user can mend.

    The message is one line that names the file, the setting and the remedy; the command line prints it as it is and
    exits with status 2. Everything else that is raised is a defect of ours and keeps its traceback.
    """
