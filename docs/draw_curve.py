"""Draws a learning curve as an SVG: masked-LM loss over the steps of a run, with PyTorch's beside it where it was run.

.venv/bin/python docs/draw_curve.py docs/learning_curve.csv > docs/learning_curve.svg

`tests/benchmarks/pretraining.py --csv` writes the CSV file.
"""

import csv
import math
import sys
from collections.abc import Iterable
from pathlib import Path

WIDTH, HEIGHT = 1000, 400
LEFT, RIGHT, TOP, BOTTOM = 48, 984, 44, 356

LIGHT = {"page": "#ffffff", "grid": "#d0d7de", "text": "#1f2328", "ours": "#0550ae", "pytorch": "#bc4c00"}
DARK = {"page": "#0d1117", "grid": "#3d444d", "text": "#e6edf3", "ours": "#79c0ff", "pytorch": "#ffa657"}

Points = list[tuple[int, float]]


def draw(path: Path) -> str:
    """The SVG of the figures in a CSV file with the columns kind, step, ours and pytorch."""
    with path.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    training, held_out = _points(rows, "train", "ours"), _points(rows, "evaluation", "ours")
    theirs, theirs_held_out = _points(rows, "train", "pytorch"), _points(rows, "evaluation", "pytorch")
    losses = [loss for _, loss in (*training, *held_out, *theirs)]
    end, low, high = max(step for step, _ in training), math.floor(min(losses)), math.ceil(max(losses))

    def x(step: float) -> float:
        return LEFT + (RIGHT - LEFT) * step / end

    def y(loss: float) -> float:
        return BOTTOM - (BOTTOM - TOP) * (loss - low) / (high - low)

    def line(kind: str, points: Points) -> str:
        return (
            f'<polyline class="{kind}" points="{" ".join(f"{x(step):.1f},{y(loss):.1f}" for step, loss in points)}"/>'
        )

    def dots(kind: str, points: Points, radius: int) -> Iterable[str]:
        return (f'<circle class="{kind}" cx="{x(step):.1f}" cy="{y(loss):.1f}" r="{radius}"/>' for step, loss in points)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img">',
        "<title>Masked-LM loss over the steps of a training run</title>",
        f"<style>{_rules(LIGHT)}@media(prefers-color-scheme:dark){{{_rules(DARK)}}}</style>",
        f'<rect class="page" width="{WIDTH}" height="{HEIGHT}"/>',
    ]
    for loss in range(low, high + 1):
        parts += [f'<path class="grid" d="M{LEFT} {y(loss):.1f}H{RIGHT}"/>', _text(LEFT - 8, y(loss) + 4, loss, "end")]
    for step in range(0, end + 1, 1000):
        parts.append(_text(x(step), BOTTOM + 18, f"{step:,}", "middle"))
    parts += [line("ours", training), line("pytorch", theirs)]
    parts += [*dots("ours-held", held_out, 5), *dots("pytorch-held", theirs_held_out, 2)]
    parts += [_text(RIGHT, BOTTOM + 36, "step", "end"), _text(8, 22, "masked-LM loss")]
    for left, kind, words in ((200, "ours", "the trainer"), (330, "pytorch", "PyTorch on the same batches")):
        parts += [f'<path class="{kind}" d="M{left} 18h26"/>', _text(left + 34, 22, words)]
    parts += ['<circle class="ours-held" cx="560" cy="18" r="5"/>', _text(572, 22, "held out")]
    return "\n".join([*parts, "</svg>"]) + "\n"


def _points(rows: Iterable[dict[str, str]], kind: str, column: str) -> Points:
    return [(int(row["step"]), float(row[column])) for row in rows if row["kind"] == kind and row[column]]


def _rules(colours: dict[str, str]) -> str:
    return (
        f"text{{font:12px system-ui,'Segoe UI',Helvetica,Arial,sans-serif;fill:{colours['text']}}}"
        f".page{{fill:{colours['page']}}}.grid{{stroke:{colours['grid']}}}"
        f".ours{{fill:none;stroke:{colours['ours']};stroke-width:1.5}}.ours-held{{fill:{colours['ours']}}}"
        f".pytorch{{fill:none;stroke:{colours['pytorch']};stroke-width:1.5;stroke-dasharray:4 3}}"
        f".pytorch-held{{fill:{colours['pytorch']}}}"
    )


def _text(x: float, y: float, text: object, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{text}</text>'


if __name__ == "__main__":
    sys.stdout.write(draw(Path(sys.argv[1])))
