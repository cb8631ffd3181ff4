"""How to run a module of ours in a process of its own, whatever lies in the working directory."""

import sys
from pathlib import Path

_ROOT = Path(__file__).parents[2]


def module_command(module: str) -> list[str]:
    """The command that runs `module` as `python -m` does, with further arguments to come.

    `python -m` looks for modules in the working directory first, where a user may well have a `trainer.py` or a `vocab.py`.
    """
    code = (
        f"import runpy, sys; sys.path.insert(0, {str(_ROOT)!r}); runpy.run_module({module!r}, None, '__main__', True)"
    )
    return [sys.executable, "-P", "-c", code]
