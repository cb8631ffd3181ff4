"""`beambert completion`: the script by which a shell completes commands and flags."""

import argparse

from beam_jobs.console.completion import SHELLS, completion_script

DESCRIPTION = (
    "Print the script by which a shell completes the commands of beambert, their flags, and files. In bash, add the line "
    'eval "$(beambert completion bash)" to ~/.bashrc; in zsh, write it to a file _beambert in a folder of $fpath; in fish, write '
    "it to ~/.config/fish/completions/beambert.fish."
)
EXAMPLES = """\
completion bash
completion fish
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the shell."""
    parser.add_argument("shell", choices=SHELLS, metavar="|".join(SHELLS), help="the shell")


def run(options: argparse.Namespace) -> int:
    """Print the script."""
    print(completion_script(options.shell))
    return 0
