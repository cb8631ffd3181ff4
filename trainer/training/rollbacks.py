"""What a run passed over after faults: a list that only grows, kept in `rollbacks.json` from the moment of each rollback.

After a fault the run goes back to a checkpoint and passes over every batch from there up to the one that failed. Batches
are passed over at fixed steps, so a run that is killed, or that has to begin at an earlier checkpoint because a later
one is damaged, reads the same batches again. The file is written before the run goes on; checkpoints carry a copy.
"""

import itertools
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from beam_jobs import storage
from beam_jobs.records import known_fields

ROLLBACKS_NAME = "rollbacks.json"


@dataclass(frozen=True)
class Rollback:
    """One return to a checkpoint."""

    failed_step: int  # the update that went wrong, 1-based
    checkpoint: int  # the step of the checkpoint that the run went back to
    at: int  # batches are passed over once this many updates are done
    batches: int


def passed_over(rollbacks: Sequence[Rollback], step: int) -> int:
    """Batches passed over in all before the update that follows `step` updates."""
    return sum(rollback.batches for rollback in rollbacks if rollback.at <= step)


def rollback_after(rollbacks: Sequence[Rollback], failed_step: int, checkpoint: int, phase_start: int) -> Rollback:
    """What a fault in update `failed_step` adds: everything up to its batch, and from its own phase on, is passed over.

    `phase_start` is the first step of the phase in which it failed.
    """
    at = max(checkpoint, phase_start)
    behind_the_fault = failed_step + passed_over(rollbacks, failed_step - 1)
    return Rollback(failed_step, checkpoint, at, behind_the_fault - at - passed_over(rollbacks, at))


def batches_from(
    train: Callable[[int], Iterator[Any]], step: int, first_data_step: int, rollbacks: Sequence[Rollback]
) -> Iterator[Any]:
    """The batches from the update after `step` on; `train(data step)` reads, and step 0 reads `first_data_step`."""
    while True:
        jump = min((rollback.at for rollback in rollbacks if rollback.at > step), default=None)
        batches = train(first_data_step + step + passed_over(rollbacks, step))
        try:
            yield from batches if jump is None else itertools.islice(batches, jump - step)
        finally:
            if hasattr(batches, "close"):
                batches.close()
        if jump is None:
            return
        step = jump


def to_json(rollbacks: Sequence[Rollback]) -> list[dict[str, int]]:
    """As plain JSON values."""
    return [asdict(rollback) for rollback in rollbacks]


def from_json(content: Sequence[Mapping[str, int]]) -> tuple[Rollback, ...]:
    """What `to_json` made, by whichever version."""
    return tuple(Rollback(**known_fields(Rollback, entry)) for entry in content)


def read_rollbacks(output: str) -> tuple[Rollback, ...]:
    """Those of an output folder; none when there is no file, or it cannot be read: checkpoints carry them as well."""
    try:
        return from_json(json.loads(storage.read_whole(storage.join(output, ROLLBACKS_NAME))))
    except (OSError, ValueError, TypeError, RecursionError):
        return ()


def write_rollbacks(output: str, rollbacks: Sequence[Rollback]) -> None:
    """Replace the file; a run without rollbacks gets none."""
    path = storage.join(output, ROLLBACKS_NAME)
    if rollbacks or storage.exists(path):
        storage.write_whole(path, (json.dumps(to_json(rollbacks), indent=2) + "\n").encode())
