"""Folders of runs as the trainer writes them."""

import json
from pathlib import Path
from typing import Any

VERSIONS = {"python": "3.11.7", "jax": "0.10.2"}


def record(step: int, kind: str = "train", **figures: float) -> dict[str, Any]:
    """A record of metrics.jsonl."""
    usual = {"loss": 9 - step / 100, "mlm_loss": 9 - step / 100, "mlm_accuracy": step / 1000, "nsp_loss": 0.7}
    speed = {"learning_rate": 1e-4, "gradient_norm": 1.0, "instances_per_second": 100.0, "data_wait": 0.01}
    return {"kind": kind, "step": step, "phase": "128", **usual, **(speed if kind == "train" else {}), **figures}


def make_run(folder: Path, records: list[dict[str, Any]] | None = None, weight: float = 0.0, **log: Any) -> str:
    """A run with a training record for every hundred steps and two evaluations, unless others are given."""
    folder.mkdir(parents=True, exist_ok=True)
    if records is None:
        records = [record(step) for step in range(100, 600, 100)]
        records += [record(250, "evaluation", mlm_loss=7.0), record(500, "evaluation", mlm_loss=5.5)]
    (folder / "metrics.jsonl").write_text("".join(json.dumps(one) + "\n" for one in records))
    phase = {"name": "128", "steps": 1000, "next_sentence_weight": weight, "optimizer": {"name": "lamb"}}
    content = {
        "settings": {"name": "mine", "phase": [phase]},
        "status": "stopped",
        "hours": 1.5,
        "hardware": {"device": "cpu", "devices": 2},
        "data": [{"folder": "corpus/a<b", "instances": 1234}],
        "versions": VERSIONS,
        "command": ["/somewhere/trainer", "pretrain", "--plan", "mine"],
        **log,
    }
    (folder / "run_logs.json").write_text(json.dumps(content))
    return str(folder)
