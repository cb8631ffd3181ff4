"""Collects the results and the hardware of a launch for `run_logs.json`."""

from collections.abc import Sequence
from typing import Any

import keras

from trainer.devices.runtime import Runtime
from trainer.training.loop import Loop


def results(loop: Loop) -> dict[str, Any]:
    """The results so far: the last training record and the last evaluation of each phase and of the run."""
    records = loop.records

    def last(kind: str, phase: str) -> dict[str, Any] | None:
        return next((r for r in reversed(records) if r["kind"] == kind and r["phase"] == phase), None)

    phases = [
        {"name": phase.name, "train": last("train", phase.name), "evaluation": last("evaluation", phase.name)}
        for phase in loop.plan.phases
    ]
    evaluations = [record for record in records if record["kind"] == "evaluation"]
    best = loop.progress.best
    chosen = {"best": {"step": best.step, "value": best.value}} if best else {}
    return {
        "step": loop.progress.step,
        "hours": loop.progress.seconds / 3600,
        "rollbacks": len(loop.progress.rollbacks),
        "skipped_records": {shard: count for work in loop.work for shard, count in work.data.skipped().items()},
        "phases": phases,
        "results": evaluations[-1] if evaluations else None,
        **chosen,
    }


def hardware(runtime: Runtime, micro_batches: Sequence[int]) -> dict[str, Any]:
    """The hardware of a launch."""
    return {
        "backend": keras.backend.backend(),
        "device": runtime.device_kind,
        "devices": runtime.device_count,
        "hosts": runtime.hosts,
        "micro_batches": list(micro_batches),
    }
