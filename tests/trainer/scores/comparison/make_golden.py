"""Writes `golden/multi_bootstrap.json`: what the published multi-bootstrap computes on the runs of `runs()`.

The function is google-research/language, language/multiberts/multibootstrap.py (Apache-2.0), which needs pandas; it is
not part of this project. With a copy of it in FOLDER:

    .venv/bin/python tests/trainer/scores/comparison/make_golden.py FOLDER

`test_multi_bootstrap.py` compares our function with the file.
"""

import json
import sys
from pathlib import Path

import numpy as np

GOLDEN = Path(__file__).parent / "golden" / "multi_bootstrap.json"
EXAMPLES, DRAWS, SEED = 60, 200, 7
BASE_SEEDS, EXPERIMENT_SEEDS = [0, 1, 2, 2, 5], [0, 0, 1, 2, 5, 5]  # some seeds have two runs
OTHER_SEEDS = [3, 4, 9]
CLASSES = 3


def runs() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The gold classes [EXAMPLES], and the predicted ones of base, experiment, and an experiment with other seeds [runs, EXAMPLES]."""
    stream = np.random.RandomState(0)
    gold = stream.randint(0, CLASSES, EXAMPLES)

    def side(seeds: list[int], skill: float) -> np.ndarray:
        right = stream.rand(len(seeds), EXAMPLES) < skill + 0.1 * stream.randn(len(seeds), 1)
        return np.where(right, gold, stream.randint(0, CLASSES, (len(seeds), EXAMPLES)))

    return gold, side(BASE_SEEDS, 0.5), side(EXPERIMENT_SEEDS, 0.7), side(OTHER_SEEDS, 0.6)


def main(folder: str) -> None:
    """Run the published function on accuracy and macro F1, paired and not."""
    sys.path.insert(0, folder)
    import pandas
    from multibootstrap import multibootstrap, report_ci
    from sklearn.metrics import accuracy_score, f1_score

    def macro_f1(gold: np.ndarray, predicted: np.ndarray) -> float:
        return f1_score(gold, predicted, average="macro")

    gold, base, experiment, other = runs()
    found = {}
    for name, seeds, predicted, paired in (
        ("paired", EXPERIMENT_SEEDS, experiment, True),
        ("unpaired", OTHER_SEEDS, other, False),
    ):
        table = pandas.DataFrame(
            {
                "seed": [*BASE_SEEDS, *seeds],
                "intervention": [False] * len(BASE_SEEDS) + [True] * len(seeds),
            }
        )
        for metric, score in (("accuracy", accuracy_score), ("macro_f1", macro_f1)):
            samples = multibootstrap(
                table, np.concatenate([base, predicted]), gold, score, paired_seeds=paired, nboot=DRAWS, rng=SEED
            )
            found[f"{name}_{metric}"] = {"first": samples[:5], **report_ci(samples)}
    GOLDEN.parent.mkdir(exist_ok=True)
    GOLDEN.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
