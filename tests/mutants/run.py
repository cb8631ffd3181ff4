"""Puts one plausible mistake after the other into a copy of the code, and looks whether the named tests notice.

    .venv/bin/python tests/mutants/run.py                     # all of them: an hour or more
    .venv/bin/python tests/mutants/run.py records masking     # those whose file has one of these words in its path
    .venv/bin/python tests/mutants/run.py --new FILE.toml     # those of another table

A table (`*.toml` beside this file) lists mistakes: the file, a text that occurs in it exactly once, what stands there
instead, and the tests of which one must fail. The exit status is 1 if all tests pass in spite of a mistake.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
LIMIT_S = 900  # a mistake may make a test wait for ever
COMPILED = (
    "records",
    "masking",
    "tokenizer",
    "held_out",
    "personal_data",
    "language_detection",
    "instances",
    "inspection",
    "data",
    "vocab",
)
"""Folders of which something is compiled into a kernel; a mistake elsewhere leaves the kernels as they are."""


@dataclass(frozen=True)
class Mutant:
    """One mistake."""

    file: str
    text: str
    becomes: str
    tests: tuple[str, ...]


def read_table(path: Path) -> list[Mutant]:
    """The mistakes of a table."""
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    return [Mutant(**{**entry, "tests": tuple(entry["tests"])}) for entry in content["mutant"]]


def all_mutants() -> list[Mutant]:
    """Those of all tables here, in order."""
    return [mutant for path in sorted(HERE.glob("*.toml")) for mutant in read_table(path)]


def copy_of_the_code(folder: Path) -> Path:
    """A copy of what git tracks, to be changed."""
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    target = folder / "code"
    for name in tracked.decode().split("\0"):
        if name and (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    return target


def tests_pass(code: Path, mutant: Mutant) -> bool:
    """Whether the tests pass in a copy of the code; too long a time counts as a failure."""
    environment = {**os.environ, "PYTHONPATH": str(code), "PYTHONDONTWRITEBYTECODE": "1"}
    if not set(mutant.file.split("/")) & set(COMPILED):
        environment["NUMBA_CACHE_DIR"] = str(code.parent / "kernels")
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *mutant.tests]
    try:
        done = subprocess.run(command, cwd=code, env=environment, capture_output=True, check=False, timeout=LIMIT_S)
    except subprocess.TimeoutExpired:
        return False
    if done.returncode not in (0, 1, 2):
        sys.exit(f"{mutant.file}: pytest did not run {' '.join(mutant.tests)}:\n{done.stdout.decode()[-2000:]}")
    return done.returncode == 0


def main(arguments: Sequence[str]) -> int:
    """Run what the arguments name; 1 if a mistake was not noticed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("words", nargs="*", help="only mistakes in files whose path has one of these words")
    parser.add_argument(
        "--new", metavar="FILE", help="another table, such as one of mistakes that nobody has tried yet"
    )
    options = parser.parse_args(arguments)
    mutants = read_table(Path(options.new)) if options.new else all_mutants()
    chosen = [m for m in mutants if not options.words or any(word in m.file for word in options.words)]
    survivors = []
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        code = copy_of_the_code(Path(folder))
        for number, mutant in enumerate(chosen, 1):
            path, started = code / mutant.file, time.monotonic()
            before = path.read_text(encoding="utf-8")
            if before.count(mutant.text) != 1:
                sys.exit(f"{mutant.file}: {mutant.text!r} occurs {before.count(mutant.text)} times, not once")
            path.write_text(before.replace(mutant.text, mutant.becomes), encoding="utf-8")
            alive = tests_pass(code, mutant)
            path.write_text(before, encoding="utf-8")
            survivors += [mutant] * alive
            state = "SURVIVED" if alive else "died"
            seconds = time.monotonic() - started
            print(f"{number}/{len(chosen)} {state} {seconds:.0f} s {mutant.file}: {mutant.becomes!r}", flush=True)
    print(f"{len(chosen) - len(survivors)} of {len(chosen)} mistakes were noticed")
    return int(bool(survivors))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
