"""Reads the runs of one side of a comparison from the folders of `trainer finetune`.

A folder holds `predictions/SPLIT.jsonl` and `scores.json`, or several seeds as `seed-0/`, `seed-1/` and so on, each with
those two files.
"""

import re
from collections.abc import Sequence

from beam_jobs.errors import UserError
from beam_jobs.storage.files import list_files
from beam_jobs.storage.paths import join
from trainer.scores.comparison.aligned_runs import Run, some_of
from trainer.scores.read_predictions import read_predictions

SCORES = "scores.json"
_SEED = re.compile(r"seed-(\d+)")


def predictions_name(split: str) -> str:
    """The name of a split's predictions in the folder of a run."""
    return f"predictions/{split}.jsonl"


def read_runs(folders: Sequence[str], split: str = "dev") -> list[Run]:
    """The runs in the folders of one side, with their seeds.

    One folder with several seeds: each is a seed by its number. Several folders: each is a seed, and the runs in it are averaged
    first, as fine-tunings of one pretrained model are. Their numbers are those of their names if all are
    called seed-N, and their places in the list otherwise.

    Raises UserError for a folder without predictions or scores, which is no run or an unfinished one, and for a folder
    that is named twice.
    """
    names = [folder.rstrip("/") for folder in folders]
    if twice := [name for name in names if names.count(name) > 1]:
        raise UserError(f"{twice[0]} is named twice; name each run once")
    found = [_runs_in(name, split) for name in names]
    if len(names) == 1:
        return found[0]
    numbers = [_SEED.fullmatch(name.rsplit("/", 1)[-1]) for name in names]
    seeds = [int(number[1]) for number in numbers if number]
    if len(set(seeds)) < len(names):
        seeds = list(range(len(names)))
    return [Run(run.name, seed, run.predictions) for seed, runs in zip(seeds, found, strict=True) for run in runs]


def _runs_in(folder: str, split: str) -> list[Run]:
    files = {name for name, _ in list_files(folder)}
    numbers = {int(match[1]) for name in files if (match := _SEED.match(name)) and name[match.end() :].startswith("/")}
    within = [(number, f"seed-{number}/") for number in sorted(numbers)] or [(0, "")]
    runs = []
    for number, prefix in within:
        name = join(folder, prefix.rstrip("/")) if prefix else folder
        for needed in (predictions_name(split), SCORES):
            if prefix + needed not in files:
                raise UserError(
                    f"{name} has no {needed}, so it is no finished run of `trainer finetune`; {_remedy(files, folder)}"
                )
        runs.append(Run(name, number, read_predictions(join(folder, prefix + predictions_name(split)))))
    return runs


def _remedy(files: set[str], folder: str) -> str:
    below = sorted({name.rsplit("/", 1)[0] for name in files if name.endswith(f"/{SCORES}")})
    return f"there are {some_of(join(folder, name) for name in below)}" if below else "name one, or wait for its end"
