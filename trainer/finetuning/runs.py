"""All runs of a fine-tuning command: one for each learning rate and seed, and what they say together."""

import contextlib
import logging
import math
from collections.abc import Mapping, Sequence
from typing import Any

from beam_jobs import storage
from trainer.finetuning.one_run import finetune_one
from trainer.finetuning.prepare import prepare
from trainer.finetuning.run_files import write_json
from trainer.finetuning.settings import FinetuneSettings
from trainer.finetuning.shared_compilations import shared_compilations
from trainer.scores.scores_of import LOWER_IS_BETTER

logger = logging.getLogger("trainer")

SUMMARY_NAME = "summary.json"


def finetune(settings: FinetuneSettings) -> dict[str, Any] | None:
    """Train, or continue, all runs; None if they were stopped at --max_steps.

    Returns the content of scores.json of a single run, or that of summary.json of several. Raises UserError before the
    first update for every mistake that can be found without training. Raises StopRequestedError if it was asked to stop;
    then everything is saved, and the same command continues.
    """
    prepared = prepare(settings)
    places = run_places(settings)
    found = []
    with shared_compilations() if len(places) > 1 else contextlib.nullcontext():
        for place, rate, seed in places:
            if len(places) > 1:
                logger.info(f"{place}: learning rate {rate:g}, seed {seed}")
            scores = finetune_one(prepared, rate, seed, place)
            if scores is None:
                continue
            logger.info(_told(place, scores))
            found.append((place, scores))
    if len(found) < len(places):
        return None
    if len(places) == 1:
        return found[0][1]
    summary = summarise(found)
    write_json(storage.join(settings.output, SUMMARY_NAME), summary)
    for line in summary_lines(summary):
        logger.info(line)
    return summary


def run_places(settings: FinetuneSettings) -> list[tuple[str, float, int]]:
    """(output folder, learning rate, seed) of each run. A single one is in --output itself."""
    rates, seeds = settings.learning_rate, range(settings.seed, settings.seed + settings.seeds)
    found = []
    for rate in rates:
        for seed in seeds:
            parts = [f"rate-{rate:g}"] * (len(rates) > 1) + [f"seed-{seed}"] * (len(seeds) > 1)
            found.append((storage.join(settings.output, "/".join(parts)) if parts else settings.output, rate, seed))
    return found


def summarise(runs: Sequence[tuple[str, Mapping[str, Any]]]) -> dict[str, Any]:
    """What several runs say together, from their folders and the contents of their scores.json.

    For each learning rate: the mean of the metric on dev (and test), its standard deviation (that of a sample, with n - 1),
    the worst, and the runs that failed. A failed run takes part in all of them. `best` is the rate with the best mean on dev.
    """
    metric = runs[0][1]["metric"]
    lower = metric in LOWER_IS_BETTER
    rates = sorted({scores["learning_rate"] for _, scores in runs})
    by_rate = {}
    for rate in rates:
        here = [(place, scores) for place, scores in runs if scores["learning_rate"] == rate]
        told: dict[str, Any] = {"runs": len(here)}
        for which in ("dev", "test"):
            values = [scores[which]["scores"].get(metric) for _, scores in here if scores.get(which)]
            if len(values) == len(here) and None not in values:
                told[which] = _statistics([float(value) for value in values], lower)
        told["failed"] = [place for place, scores in here if scores["failed"]]
        by_rate[f"{rate:g}"] = told
    ranked = [(told["dev"]["mean"], rate) for rate, told in by_rate.items() if "dev" in told]
    chosen = (min if lower else max)(ranked)[1] if ranked else next(iter(by_rate))
    listed = [
        {
            "output": place,
            "learning_rate": scores["learning_rate"],
            "seed": scores["seed"],
            "step": scores["step"],
            **{which: scores[which]["scores"].get(metric) for which in ("dev", "test") if scores.get(which)},
            "failed": scores["failed"],
        }
        for place, scores in runs
    ]
    return {"metric": metric, "best": chosen, "by_learning_rate": by_rate, "runs": listed}


def summary_lines(summary: Mapping[str, Any]) -> list[str]:
    """The summary for people: a line for each learning rate."""
    lines = []
    for rate, told in summary["by_learning_rate"].items():
        parts = [
            f"{which} {summary['metric']} {found['mean']:.4f} (deviation {found['deviation']:.4f}, worst {found['worst']:.4f})"
            for which in ("dev", "test")
            if (found := told.get(which))
        ]
        failed = f"; failed, no better than counting labels: {', '.join(told['failed'])}" if told["failed"] else ""
        chosen = "; the best rate on dev" if rate == summary["best"] and len(summary["by_learning_rate"]) > 1 else ""
        lines.append(f"learning rate {rate}, {told['runs']} runs: {', '.join(parts)}{failed}{chosen}")
    return lines


def _statistics(values: Sequence[float], lower: bool) -> dict[str, float]:
    mean = math.fsum(values) / len(values)
    spread = math.fsum((value - mean) ** 2 for value in values) / max(len(values) - 1, 1)
    return {"mean": mean, "deviation": math.sqrt(spread), "worst": max(values) if lower else min(values)}


def _told(place: str, scores: Mapping[str, Any]) -> str:
    metric = scores["metric"]
    values = [
        f"{which} {metric} {scores[which]['scores'][metric]:.4f}"
        for which in ("dev", "test")
        if scores.get(which) and metric in scores[which]["scores"]
    ]
    base = scores["baseline"]["dev"].get(metric)
    beside = "" if base is None else f"; counting labels gives {base:.4f} on dev"
    failed = "; FAILED: it learned nothing, try another seed, a lower rate or more epochs" if scores["failed"] else ""
    return f"{place}: step {scores['step']:,}: {', '.join(values)}{beside}{failed}"
