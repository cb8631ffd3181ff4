"""What a report shows of runs: a row of figures for each, and the curves that their records have."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from trainer.report.curves import Curve, Points
from trainer.report.run_record import RunRecord
from trainer.run.metrics import short_number, short_time

_TITLES = {
    "loss": "Loss",
    "mlm_loss": "Masked-LM loss",
    "mlm_accuracy": "Masked-LM accuracy",
    "nsp_loss": "Second-segment loss",
    "nsp_accuracy": "Second-segment accuracy",
}
_RATES = {
    "learning_rate": ("Learning rate", False),
    "gradient_norm": ("Gradient norm", True),
    "instances_per_second": ("Instances a second", False),
    "data_wait": ("Share of time spent waiting for data", False),
    "mfu": ("Share of the devices' peak (MFU)", False),
}
_NO_FIGURE = {
    *("kind", "step", "phase", "split", "instances", "tokens", "epoch", "seconds_per_update", "tokens_per_second"),
    *("model_flops_per_second", "seconds_left", "trust_ratio_min", "trust_ratio_max"),
    *_RATES,
}


@dataclass(frozen=True)
class Plot:
    """A chart: its title, and the curves of all runs that have it."""

    title: str
    curves: tuple[Curve, ...]
    logarithmic: bool = False


def plots(runs: Sequence[RunRecord]) -> list[Plot]:
    """The charts: figures of the task, evaluations marked; then rates, norms and speed.

    A loss that is the same as another is shown once.
    """
    names = dict.fromkeys(key for run in runs for record in (*run.train, *run.evaluations) for key in record)
    found = []
    for name in names:
        numbers = any(
            isinstance(record.get(name), int | float) for run in runs for record in (*run.train, *run.evaluations)
        )
        if name in _NO_FIGURE or not numbers or all(name in run.hidden for run in runs):
            continue
        if name == "loss" and all(_same(run, "loss", "mlm_loss") for run in runs):
            continue
        found.append(Plot(_TITLES.get(name, name.replace("_", " ").capitalize()), _curves(runs, name)))
    found += [Plot(title, _curves(runs, name), log) for name, (title, log) in _RATES.items() if name in names]
    if "trust_ratio_min" in names:
        ends = [curve for end in ("min", "max") for curve in _curves(runs, f"trust_ratio_{end}")]
        found.append(Plot("Trust ratios, smallest and largest", tuple(ends), logarithmic=True))
    return found


def _same(run: RunRecord, one: str, other: str) -> bool:
    return all(record.get(one) == record.get(other) for record in (*run.train, *run.evaluations))


def _curves(runs: Sequence[RunRecord], name: str) -> tuple[Curve, ...]:
    return tuple(
        Curve(run.name, number, _points(run.train, name), _points(run.evaluations, name))
        for number, run in enumerate(runs)
        if name not in run.hidden
    )


def _points(records: Sequence[Mapping[str, Any]], name: str) -> Points:
    return [(record["step"], record[name]) for record in records if isinstance(record.get(name), int | float)]


def run_row(run: RunRecord) -> dict[str, str]:
    """The figures of one run by name, for a table; empty where they are not known."""
    last = run.train[-1] if run.train else {}
    evaluated = run.evaluations[-1] if run.evaluations else {}
    total = sum(phase.get("steps", 0) for phase in run.phases)
    step = max(last.get("step", 0), evaluated.get("step", 0))
    loss = "mlm_loss" if "mlm_loss" in evaluated else "loss"
    best = min(run.evaluations, key=lambda record: record.get(loss, float("inf")), default={})
    hardware = run.log.get("hardware", {})
    rates = [record["instances_per_second"] for record in run.train if "instances_per_second" in record]
    rows = {
        "run": run.name,
        "plan": str(run.log.get("settings", {}).get("name", "")),
        "status": str(run.log.get("status", "no checkpoint yet")),
        "steps": f"{step:,} of {total:,}" if total else f"{step:,}",
        "loss in training": _value(last, loss),
        "loss held out": _value(evaluated, loss),
        "lowest held out": f"{best[loss]:.4g} at {best['step']:,}" if loss in best else "",
        "accuracy held out": _value(evaluated, "mlm_accuracy") or _value(evaluated, "accuracy"),
        "instances a second": short_number(median(rates)).strip() if rates else "",
        "time": short_time(run.log["hours"] * 3600) if "hours" in run.log else "",
        "devices": f"{hardware['devices']} x {hardware['device']}" if "device" in hardware else "",
        "rollbacks": str(len(run.rollbacks)) if run.rollbacks else "",
    }
    skipped = sum(run.log.get("skipped_records", {}).values())
    return {**rows, "records passed over": f"{skipped:,}" if skipped else ""}


def _value(record: Mapping[str, Any], name: str) -> str:
    value = record.get(name)
    return f"{value:.4g}" if isinstance(value, int | float) else ""
