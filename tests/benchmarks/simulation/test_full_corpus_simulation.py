"""The simulated job runs the product's own code, so a part of it is a test of that code: nothing may be lost on the way."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent.parent

PROGRAM = """
import json
import full_corpus_simulation as simulation
costs, finished = simulation.run(simulation.read_options(["--ranges=200", "--measure_mb=3", "--shard_mb=10"]))
result = {"broken": simulation.broken_invariants(finished), "elements": simulation.NOW.elements}
result["shards"] = len(finished.instances.shards)
finished.sentence_stats["documents"] -= 1
finished.instance_stats["totals"]["lengths"][128] += 1
result["noticed"] = simulation.broken_invariants(finished)
print(json.dumps(result))
"""


@pytest.fixture(scope="module")
def simulated():
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=600, env=environment()
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def environment():
    return {**os.environ, "PYTHONPATH": f"{FOLDER.parent.parent}:{FOLDER}"}


def test_what_was_read_is_kept_or_set_aside_and_all_sums_agree(simulated):
    assert simulated["broken"] == []
    assert simulated["shards"] > 80  # of 10 MB, of a GB


def test_a_sum_that_does_not_agree_is_noticed(simulated):
    assert len(simulated["noticed"]) == 4
    assert simulated["noticed"][0].startswith("documents read = kept + set aside: ")


def test_what_passes_through_beam_stays_far_below_its_limits(simulated):
    assert simulated["elements"]["the pipeline itself"] < 200_000  # Dataflow takes 10 MB
    assert simulated["elements"]["rows of all ranges"] < 3_000 * 200
    assert simulated["elements"]["plan of one sentence shard"] < 100_000
