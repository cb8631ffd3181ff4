"""Checkpoints, from which a run continues: written asynchronously and atomically, and kept by the plan's rules.

A checkpoint holds two items: `state`, the tree of arrays of `step.py`, and `run`, a small JSON record of what the host
knows (phase, data position, running means). Both appear together under `checkpoints/<step>/` or not at all, because
Orbax writes to a temporary name and renames, and `CheckpointStore` uploads a marker last. A run starts from the newest
checkpoint of its output folder, or else from the plan's `init.checkpoint`, or else from random weights.
"""

import contextlib
import json
import logging
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

import jax
import numpy as np
import orbax.checkpoint as ocp

from beam_jobs import storage
from beam_jobs.errors import UserError
from beam_jobs.records import FORMAT, require_known_format
from beam_jobs.storage.disk_trouble import first_line, is_disk_trouble
from beam_jobs.storage.paths import is_remote
from trainer.devices.hosts import any_host
from trainer.plans.plan import Plan
from trainer.run.checkpoint_digest import digests_of, what_differs
from trainer.run.checkpoint_keeping import KeepByPlan
from trainer.run.checkpoint_layout import in_present_layout, require_same_network
from trainer.run.host_arrays import host_array_manager
from trainer.run.store.checkpoint_store import CheckpointStore

CHECKPOINTS_FOLDER = "checkpoints"
DAMAGED_FOLDER = "damaged_checkpoints"
CHECKPOINT_FORMAT = 1

logger = logging.getLogger("trainer")

logging.getLogger("absl").setLevel(logging.CRITICAL)  # Orbax logs every step of every save, and errors twice


class DamagedCheckpointError(UserError):
    """A checkpoint cannot be read, or has changed since it was saved."""


class Checkpoints:
    """The checkpoints of one output folder."""

    def __init__(self, output: str, plan: Plan | None = None) -> None:
        """Opens the folder for reading, and with a plan for writing.

        Then unfinished checkpoints of a killed run are removed.
        """
        self.folder = storage.join(storage.absolute(output), CHECKPOINTS_FOLDER)
        policy = self._policy = KeepByPlan(plan) if plan else None
        self._store: CheckpointStore | None = None
        if is_remote(output):
            self._store = CheckpointStore(self.folder, policy.kept if policy and jax.process_index() == 0 else None)
            policy = None  # the store applies it
        self._damaged_folder = storage.join(storage.absolute(output), DAMAGED_FOLDER)
        place = str(self._store.local) if self._store else self.folder
        self._manager = host_array_manager(place, policy, writes=plan is not None, own=self._store is not None)

    @staticmethod
    def there(output: str) -> bool:
        """Whether an output folder holds checkpoints at all."""
        return storage.exists(storage.join(output, CHECKPOINTS_FOLDER))

    def latest(self) -> int | None:
        """The step of the newest finished checkpoint; None if there is none."""
        return max(self.steps(), default=None)

    def steps(self) -> list[int]:
        """The steps of the finished checkpoints, the oldest first."""
        return self._store.steps() if self._store else sorted(self._manager.all_steps())

    def protect(self, steps: Collection[int]) -> None:
        """Keep the checkpoints of these steps when later ones are saved, besides those that the plan keeps."""
        if self._policy:
            self._policy.protected = frozenset(steps)

    def save(self, step: int, state: Any, run: Mapping[str, Any]) -> None:
        """Begin to write a checkpoint; return when the state has left the device. An existing one of this step stays.

        The files are written while training continues, so everything is copied first. Digests of the copy go into the
        record. Host arrays are written, so that a checkpoint does not depend on the devices that wrote it. The state is
        the same on every device and host, and the first host writes it. Raises UserError if this checkpoint, or the one
        before it, cannot be written.
        """
        if self._store:
            any_host(False)  # no host looks at the store while the first one writes
        if step in self.steps():
            return
        state = jax.tree.map(np.array, state)
        if self._store and jax.process_index():
            return
        record = json.loads(json.dumps({**run, FORMAT: CHECKPOINT_FORMAT}))
        record["digests"] = digests_of(state, record)
        items = ocp.args.Composite(state=ocp.args.PyTreeSave(state), run=ocp.args.JsonSave(record))
        with self._writing():
            self._manager.save(step, args=items, force=True)
            if self._store:
                self._store.upload(step, self._manager.wait_until_finished)

    def restore(self, step: int, like: Any) -> tuple[Any, dict[str, Any]]:
        """State, as host arrays, and record of a step. The state must have the shapes of `like`, a state of this model.

        Raises UserError if the checkpoint does not fit the model, and DamagedCheckpointError if it is damaged.
        """
        state, record = self._read(step)
        state = in_present_layout(state)
        require_same_network(state, like, f"{self.folder}/{step}")
        return state, record

    def restore_newest(
        self, like: Callable[[int], Any], say: Callable[[str], None], agreed: Callable[[bool], bool] = any_host
    ) -> tuple[Any, dict[str, Any]]:
        """Restore the newest checkpoint that can be read. Newer ones are damaged; they are named and moved.

        They are moved to the folder damaged_checkpoints, so that training can save their steps again. Nothing is
        deleted. `like(step)` is a state as it is after that step; the optimizer, and so its state, may change between
        phases. `agreed(flag)` returns whether a flag is set on any host, so that all hosts continue from the same
        checkpoint. Raises UserError if none can be read; then nothing is moved.
        """
        damaged: dict[int, str] = {}
        for step in reversed(self.steps()):
            found, reason = None, ""
            try:
                found = self.restore(step, like(step))
            except DamagedCheckpointError as error:
                reason = str(error)
            if agreed(found is None):
                damaged[step] = reason or f"{self.folder}/{step}: another host cannot read it"
                continue
            assert found is not None
            for bad, why in damaged.items():
                place = self._set_aside(bad)
                say(f"{why}; moved to {place}, going on from the checkpoint of step {step:,}")
            agreed(False)  # wait until the first host has moved them
            self._manager.reload()
            return found
        raise UserError(_none_reads(self.folder, damaged))

    def restore_weights(
        self, step: int | None = None, say: Callable[[str], None] = logger.warning
    ) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        """The weights by path, as float32 host arrays, and the record. Without a step: of the newest readable checkpoint.

        Raises UserError if there is no such checkpoint, or if it is damaged.
        """
        steps = self.steps()
        if not steps or (step is not None and step not in steps):
            there = ", ".join(map(str, steps)) or "none"
            raise UserError(f"{self.folder}: no checkpoint {'' if step is None else step}; there are: {there}")
        damaged: dict[int, str] = {}
        for candidate in reversed(steps) if step is None else [step]:
            try:
                state, record = self._read(candidate)
            except DamagedCheckpointError as error:
                if step is not None:
                    others = ", ".join(str(other) for other in steps if other != step) or "none"
                    raise UserError(f"{error}; name another step; there are: {others}") from error
                damaged[candidate] = str(error)
                continue
            for why in damaged.values():
                say(f"{why}; taking the checkpoint of step {candidate:,} instead")
            return {path: np.asarray(value) for path, value in state["weights"].items()}, record
        raise UserError(_none_reads(self.folder, damaged))

    def wait(self) -> None:
        """Wait until everything that was begun is written. Raises UserError, on all hosts, if it cannot be written."""
        with self._writing():
            (self._store.wait_on_all_hosts if self._store else self._manager.wait_until_finished)()

    def check(self) -> None:
        """Raise UserError if a checkpoint could not be written. Does not wait for one that is being written."""
        with self._writing():
            (self._store.check if self._store else self._manager.check_for_errors)()

    def close(self) -> None:
        """Wait, but not for other hosts, then release the threads."""
        try:
            with self._writing():
                (self._store.wait if self._store else self._manager.wait_until_finished)()
        finally:
            self._manager.close()
            if self._store:
                self._store.close()

    def _read(self, step: int) -> tuple[Any, dict[str, Any]]:
        """State, as host arrays for any devices that wrote it, and record, compared with their digests.

        Raises UserError if a newer version saved them in another format, and DamagedCheckpointError if they are
        damaged.
        """
        place = f"{self.folder}/{step}"
        if self._store:
            self._store.fetch(step)
            self._manager.reload()
        try:
            items = ocp.args.Composite(state=ocp.args.PyTreeRestore(), run=ocp.args.JsonRestore())
            found = self._manager.restore(step, args=items)
            record = dict(found["run"])
            require_known_format(record, CHECKPOINT_FORMAT, place)
            digests = record.pop("digests", None)  # checkpoints of older versions have none
            reason = what_differs(found["state"], record, digests) if digests else ""
        except (MemoryError, PermissionError, UserError):
            raise
        except Exception as error:  # damage makes Orbax and TensorStore raise all kinds of exceptions
            reason = f"cannot be read: {first_line(error)}"
        if reason:
            raise DamagedCheckpointError(f"{place}: the checkpoint is damaged ({reason})")
        return found["state"], record

    def _set_aside(self, step: int) -> str:
        """Move a checkpoint to a free name in damaged_checkpoints. Returns its new place."""
        place, count = storage.join(self._damaged_folder, str(step)), 1
        while storage.exists(place):
            count += 1
            place = storage.join(self._damaged_folder, f"{step}-{count}")
        if jax.process_index() == 0:
            try:
                storage.move_folder(storage.join(self.folder, str(step)), place)
            except Exception as error:  # object stores raise their own exceptions
                raise UserError(
                    f"{self.folder}/{step}: is damaged, and cannot be moved to {place} ({first_line(error)}); move it away"
                ) from error
        if self._store:
            self._store.forget(step)
        return place

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """Turns the error of a full or missing disk into a UserError that names the newest whole checkpoint."""
        try:
            yield
        except Exception as error:
            if not is_disk_trouble(error):
                raise
            self._manager.reload()  # look at the files that are there, not at those that were begun
            newest = self.latest()
            rest = "there is no earlier one" if newest is None else f"the checkpoint of step {newest:,} is whole"
            raise UserError(
                f"{self.folder}: a checkpoint cannot be written ({first_line(error)}); {rest}; "
                "make room on that disk, and the same command continues"
            ) from error


def _none_reads(folder: str, damaged: Mapping[int, str]) -> str:
    reasons = "; ".join(damaged.values())
    return f"{folder}: no checkpoint can be read: {reasons}; copy a good one there, or name another --output"
