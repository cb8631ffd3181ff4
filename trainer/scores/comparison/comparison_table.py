"""A comparison as text for a terminal."""

from trainer.scores.comparison.compare_runs import Comparison, Figure


def comparison_lines(found: Comparison) -> list[str]:
    """The lines of a comparison: what was compared, a table of the metrics, and how to read it."""
    settings = found.settings
    share = f"{settings.confidence:.0%}" if settings.confidence * 100 % 1 == 0 else f"{settings.confidence:.1%}"
    lines = [
        f"{found.kind} of {found.examples:,} examples",
        f"base        {_runs(found.base_seeds, found.base_runs)}",
        f"experiment  {_runs(found.experiment_seeds, found.experiment_runs)}",
        "",
    ]
    rows = [["metric", f"base [{share}]", f"experiment [{share}]", f"difference [{share}]", "p"]]
    for row in found.metrics:
        p = f"{'< ' if row.always_better else ''}{row.p:.2g}"
        rows.append([row.metric, _figure(row.base), _figure(row.experiment), _figure(row.difference, "+"), p])
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    lines += ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    pairs = "paired seeds" if settings.paired else "unpaired seeds"
    lines += [
        "",
        f"{settings.draws:,} draws of {pairs} and examples; p: the share in which the experiment is not better",
    ]
    single = [
        name for name, seeds in (("base", found.base_seeds), ("experiment", found.experiment_seeds)) if seeds == 1
    ]
    if single:
        lines.append(f"one seed of {' and '.join(single)}: the interval knows nothing of how other seeds would do")
    return lines


def _runs(seeds: int, runs: int) -> str:
    named = f"{seeds} seed{'s' if seeds > 1 else ''}"
    return named if runs == seeds else f"{named}, {runs} runs"


def _figure(figure: Figure, sign: str = "") -> str:
    low, high = figure.interval.low, figure.interval.high
    return f"{figure.value:{sign}.4f} [{low:{sign}.4f}, {high:{sign}.4f}]"
