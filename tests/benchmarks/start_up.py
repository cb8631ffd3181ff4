"""How long a command takes to say what it has to say without work: `--help` of each, a mistyped flag, a path that is not there.

Needs nothing but the package. A figure is CPU seconds (user and system) of the process, the least of some launches, since
others may be at work on the machine. The first line is Python alone, which nothing can be faster than.

    .venv/bin/python tests/benchmarks/start_up.py [--launches 5] [--against OTHER_CHECKOUT]

With `--against` the launches of both checkouts take turns.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parents[2]
LINES = (
    "beam_jobs --help",
    "beam_jobs vocabulary --help",
    "beam_jobs segment --help",
    "beam_jobs instances --help",
    "beam_jobs corpus --help",
    "beam_jobs inspect --help",
    "beam_jobs vocab lint --help",
    "beam_jobs vocab fetch --help",
    "beam_jobs demo --help",
    "trainer --help",
    "trainer plan list",
    "trainer plan show --help",
    "trainer pretrain --help",
    "trainer export --help",
    "trainer fill_mask --help",
    "vocab lint --help",
    "beam_jobs instances --dupe_fator 3",
    "beam_jobs instances --runer=FlinkRunner",
    "trainer pretrain --plan demo --output x --acumulation 2",
    "beam_jobs segment --input nosuch --output x",
    "beam_jobs instances --input nosuch --output x",
    "beam_jobs corpus --input nosuch --output x",
    "beam_jobs embed --input text.txt --model nosuch --output x",
    "beam_jobs inspect nosuch",
    "beam_jobs vocab lint --vocab_file nosuch",
    "beam_jobs config show corpus --dupe_factor 3",
    "trainer plan show demo",
    "trainer pretrain --plan demo --data nosuch --output x",
    "trainer pretrain --plan demo --data empty --output x",
    "trainer finetune --task tag --model nosuch --train x --dev x --output x",
    "trainer serve --model nosuch",
    "trainer export --run nosuch --output x",
    "trainer export --run empty --output x",
)


def main() -> None:
    """Print a table of seconds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--launches", type=int, default=5)
    parser.add_argument("--against", type=Path)
    options = parser.parse_args()
    checkouts = [HERE] if options.against is None else [HERE, options.against.resolve()]
    print(f"{'':<72}" + "".join(f"{checkout.name:>12}" for checkout in checkouts))
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "empty").mkdir()
        (Path(folder) / "text.txt").write_text("Ei linje.\n")
        _measure(checkouts, options.launches, folder)


def _measure(checkouts: list[Path], launches: int, folder: str) -> None:
    for line in ("", *LINES):
        command = [sys.executable, "-P", "-m", *line.split()] if line else [sys.executable, "-c", ""]
        best = {checkout: float("inf") for checkout in checkouts}
        for _ in range(launches):
            for checkout in checkouts:
                best[checkout] = min(best[checkout], _cpu_seconds(command, checkout, folder))
        print(f"{line or 'python alone':<72}" + "".join(f"{best[checkout]:>10.2f} s" for checkout in checkouts))


def _cpu_seconds(command: list[str], checkout: Path, folder: str) -> float:
    before = os.times()
    subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(checkout)},
        check=False,
        capture_output=True,
        text=True,
    )
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


if __name__ == "__main__":
    main()
