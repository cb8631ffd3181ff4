"""A look at the shards of text_to_shards.py: single instances, and the statistics of the corpus.

.venv/bin/python tests/examples/look_at_instances.py example
"""

import json
import sys
from collections import Counter
from itertools import islice
from pathlib import Path

import beam_jobs


def main(folder: Path) -> None:
    for instance in islice(beam_jobs.read_instances(folder / "instances" / "train"), 2):
        print(f"{instance.shard} record {instance.record}, label {instance.label}")
        print(instance)  # segment A and segment B, with [given→original] for each predicted piece
        print("to predict:", instance.predictions)

    hidden = Counter(
        piece for instance in beam_jobs.read_instances(folder / "instances") for piece in instance.predictions.values()
    )
    print("predicted most often:", hidden.most_common(5))

    statistics = json.loads((folder / "instances" / "corpus_stats.json").read_text())
    print("instances:", statistics["totals"]["instances"])
    for name, share in statistics["shares"].items():
        print(f"{name:>30} {share}")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "example"))
