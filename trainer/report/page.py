"""The page of a report: one file without scripts or addresses, for a browser, in light and dark."""

import json
from collections.abc import Mapping, Sequence
from html import escape
from importlib.resources import files
from string import Template
from typing import Any

from beam_jobs.console.toml_text import toml_value
from beam_jobs.records.stats_table import stats_table
from trainer.report.curves import COLOURS, chart
from trainer.report.figures import plots, run_row
from trainer.report.run_record import RunRecord


def page(runs: Sequence[RunRecord]) -> str:
    """The HTML of a report about these runs."""
    template = Template((files("trainer.report") / "page.html").read_text(encoding="utf-8"))
    title = runs[0].name if len(runs) == 1 else f"{len(runs)} runs"
    legend = "".join(
        f'<span><svg class="key" viewBox="0 0 18 4"><path class="line c{number % COLOURS}" d="M0 2h18"/></svg> {escape(run.name)}</span>'
        for number, run in enumerate(runs)
    )
    drawn = [(plot.title, chart(plot.curves, logarithmic=plot.logarithmic)) for plot in plots(runs)]
    figures = "".join(f"<figure><figcaption>{escape(name)}</figcaption>{svg}</figure>" for name, svg in drawn if svg)
    rows = [run_row(run) for run in runs]
    names = [name for name in rows[0] if any(row[name] for row in rows)]
    table = _table(("", *(row["run"] for row in rows)), [(name, *(row[name] for row in rows)) for name in names[1:]])
    return template.substitute(
        title=escape(title), runs=table, legend=legend, plots=figures, details="".join(map(_details, runs))
    )


def _details(run: RunRecord) -> str:
    parts = []
    if run.stats:
        found = stats_table(run.stats)
        parts.append(f"<h3>Corpus</h3>{_table(found.header, found.rows)}")
    data = run.log.get("data", [])
    if data:
        parts.append(f"<h3>Data</h3>{_table(('', ''), _data_rows(data))}")
    changed = _flat(run.log.get("settings", {}))
    if changed:
        text = "\n".join(f"{key} = {toml_value(value)}" for key, value in changed.items())
        parts.append(f"<details><summary>Plan</summary><pre>{escape(text)}</pre></details>")
    versions = run.log.get("versions", {})
    if versions:
        parts.append(f"<h3>Environment</h3>{_table(('', ''), [(str(k), str(v)) for k, v in versions.items()])}")
    command = run.log.get("command")
    if command:
        parts.append(f"<h3>Command</h3><pre>{escape(' '.join(map(str, command[1:])))}</pre>")
    return f"<section><h2>{escape(run.name)}</h2>{''.join(parts)}</section>" if parts else ""


def _data_rows(data: Any) -> list[tuple[str, str]]:
    """Folders with their instances, of a pretraining; of a fine-tuning, what its log has of its files."""
    if isinstance(data, dict):
        return [(str(name), str(value)) for name, value in data.items()]
    rows = []
    for part in data:
        known = isinstance(part, dict)
        rows.append((str(part["folder"]), f"{part['instances'] or 0:,} instances") if known else (str(part), ""))
    return rows


def _flat(settings: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """Settings by their keys with dots, as `--set` takes them; phases by their names."""
    found: dict[str, Any] = {}
    for key, value in settings.items():
        if isinstance(value, dict):
            found |= _flat(value, f"{above}{key}.")
        elif isinstance(value, list) and value and all(isinstance(part, dict) for part in value):
            for number, part in enumerate(value):
                found |= _flat(part, f"{above}{key}.{part.get('name', number)}.")
        elif value is not None:
            found[above + key] = value if isinstance(value, str | int | float | list | tuple) else json.dumps(value)
    return found


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in header)
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f'<div class="wide"><table><tr>{head}</tr>{body}</table></div>'
