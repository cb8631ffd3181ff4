"""Writes a plan as TOML, with all changes from the command line."""

import dataclasses
from collections.abc import Iterator
from typing import Any

from beam_jobs.console.toml_text import toml_value
from trainer.plans.plan import Plan


def plan_to_toml(plan: Plan) -> str:
    """TOML that `plan_from_toml` reads as the same plan. Settings with default values are left out."""
    content = _changed(plan)
    phases = content.pop("phase")
    lines = [f"{key} = {toml_value(value)}" for key, value in content.items() if not isinstance(value, dict)]
    for key, value in content.items():
        if isinstance(value, dict):
            lines += ["", f"[{key}]", *_settings(value)]
    for phase in phases:
        lines += ["", "[[phase]]", *_settings(phase)]
    return "\n".join(lines) + "\n"


def _settings(table: dict[str, Any]) -> Iterator[str]:
    return (f"{key} = {toml_value(value)}" for key, value in table.items())


def _changed(part: Any) -> dict[str, Any]:
    """The fields of a dataclass that differ from their defaults. Inner dataclasses become dictionaries."""
    found = {}
    for f in dataclasses.fields(part):
        value = getattr(part, f.name)
        default = f.default_factory() if f.default_factory is not dataclasses.MISSING else f.default
        if value != default:
            found[f.name] = _plain(value)
    return found


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        return _changed(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value
