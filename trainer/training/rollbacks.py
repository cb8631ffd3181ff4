"""The rollbacks of a run: a list that only grows, stored in `rollbacks.json` at each rollback.

After a fault the run returns to a checkpoint and skips every batch from there up to the one that failed. The list says
at which steps batches are skipped. So a run that is killed, or that must return to an earlier checkpoint because a
later one is damaged, reads the same batches again. The file is written before the run continues, and checkpoints hold a
copy.
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
    at: int  # batches are skipped after this many updates
    batches: int


def passed_over(rollbacks: Sequence[Rollback], step: int) -> int:
    """The total number of batches skipped before the update that follows `step` updates."""
    return sum(rollback.batches for rollback in rollbacks if rollback.at <= step)


def rollback_after(rollbacks: Sequence[Rollback], failed_step: int, checkpoint: int, phase_start: int) -> Rollback:
    """The rollback after a fault in update `failed_step`. All batches up to its own are skipped, within its phase.

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
    """The rollbacks of an output folder; none if the file is missing or unreadable, since checkpoints hold them too."""
    try:
        return from_json(json.loads(storage.read_whole(storage.join(output, ROLLBACKS_NAME))))
    except (OSError, ValueError, TypeError, RecursionError):
        return ()


def write_rollbacks(output: str, rollbacks: Sequence[Rollback]) -> None:
    """Replace the file; a run without rollbacks gets none."""
    path = storage.join(output, ROLLBACKS_NAME)
    if rollbacks or storage.exists(path):
        storage.write_whole(path, (json.dumps(to_json(rollbacks), indent=2) + "\n").encode())
