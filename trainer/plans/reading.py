"""Reads plans from TOML. Errors name the file, the line and the remedy, before anything compiles."""

import dataclasses
import os
import types
import typing
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from beam_jobs import storage
from beam_jobs.console.nearest import did_you_mean
from beam_jobs.console.toml_text import KeyPath, as_kind, key_lines, parse_toml, unified_lines
from beam_jobs.errors import UserError
from beam_jobs.storage.paths import has_scheme
from trainer.plans.changes import apply_changes
from trainer.plans.plan import Plan

PLANS_FOLDER = Path(__file__).parent


def plan_names() -> list[str]:
    """The plans that ship with the package, sorted."""
    return sorted(path.stem for path in PLANS_FOLDER.glob("*.toml"))


def read_plan(name_or_file: str, changes: Sequence[str] = ()) -> Plan:
    """A shipped plan by its name, or a plan file, with these `changes` (`apply_changes`).

    Raises UserError, with file, line and remedy, if it is wrong.
    """
    text, path = plan_text(name_or_file)
    try:
        return plan_from_toml(text, path, changes)
    except UserError as error:
        if not changes or str(error).startswith("--set"):
            raise
        raise UserError(f"{error} (with --set {' '.join(changes)})") from None


def plan_text(name_or_file: str) -> tuple[str, str]:
    """The text of a plan and the path of its file. Raises UserError if there is none or if it cannot be read."""
    path = name_or_file
    if not (path.endswith(".toml") or has_scheme(path) or os.path.isfile(storage.local_path(path))):  # noqa: PTH113  Path's raises for a name too long
        path = str(PLANS_FOLDER / f"{name_or_file}.toml")
        if name_or_file not in plan_names():
            guess = did_you_mean(name_or_file, plan_names(), before="; ")
            there = ", ".join(plan_names())
            raise UserError(f"no plan {name_or_file!r}{guess}; there are: {there}, or name a .toml file")
    try:
        text = unified_lines(storage.read_whole(path))
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(
            f"{path}: cannot read the plan ({error}); name a .toml file or one of {', '.join(plan_names())}"
        ) from None
    return text, path


def plan_from_toml(text: str, source: str, changes: Sequence[str] = ()) -> Plan:
    """The plan in a TOML text; `source` names it in errors.

    A top-level `[optimizer]`, `[masking]` or `[evaluation]` is the default for every phase, which may override single
    keys. Raises UserError in the form `source:line: problem`.
    """
    content = parse_toml(text, source, "a plan")
    apply_changes(content, changes)
    reader = _Reader(source, key_lines(text))
    defaults: dict[str, Any] = {
        name: content.pop(name) for name in ("optimizer", "masking", "evaluation") if name in content
    }
    phases = content.get("phase", [])
    if not isinstance(phases, list):
        raise reader.error(("phase",), "phase must be written [[phase]]: a plan has a list of them")
    content["phase"] = [_with_defaults(phase, defaults) for phase in phases]
    for name in defaults:  # a wrong default is reported at its own line, even if no phase uses it
        reader.read(typing.get_type_hints(_PHASE)[name], defaults[name], (name,))
    return reader.read(Plan, content, ())


def plan_from_json(content: Mapping[str, Any], source: str) -> Plan:
    """The plan that `Plan.to_json` wrote.

    Settings of a newer version are ignored. UserError names `source` if it is none.
    """
    return _Reader(source, {}, pass_over_unknown=True).read(Plan, dict(content), ())


_PHASE = typing.get_args(typing.get_type_hints(Plan)["phase"])[0]


def _with_defaults(phase: Any, defaults: Mapping[str, Any]) -> Any:
    if not isinstance(phase, dict):
        return phase
    merged = dict(phase)
    for name, values in defaults.items():
        own = phase.get(name, {})
        merged[name] = {**values, **own} if isinstance(values, dict) and isinstance(own, dict) else own or values
    return merged


class _Reader:
    def __init__(self, source: str, lines: Mapping[KeyPath, int], *, pass_over_unknown: bool = False) -> None:
        self.source = source
        self.lines = lines
        self.pass_over_unknown = pass_over_unknown

    def error(self, path: KeyPath, problem: str) -> UserError:
        """The error for a key, with its line, or that of the nearest table around it."""
        while path and path not in self.lines:
            inherited = path[2:] if path[:1] == ("phase",) and path[2:] in self.lines else path[:-1]
            path = inherited
        return UserError(f"{self.source}:{self.lines.get(path, 1)}: {problem}")

    def read(self, wanted: Any, value: Any, path: KeyPath) -> Any:
        """`value` converted to the type of a field."""
        if isinstance(wanted, types.UnionType):  # of a table that may be missing, which JSON writes as null
            return None if value is None else self.read(typing.get_args(wanted)[0], value, path)
        if dataclasses.is_dataclass(wanted):
            return self._read_dataclass(wanted, value, path)
        origin = typing.get_origin(wanted)
        key = ".".join(str(part) for part in path if isinstance(part, str))
        if origin is tuple:
            if not isinstance(value, list | tuple):
                raise self.error(path, f"{key} must be a list")
            return tuple(self.read(typing.get_args(wanted)[0], item, (*path, i)) for i, item in enumerate(value))
        if origin in (dict, types.GenericAlias) or wanted is dict or getattr(origin, "__name__", "") == "Mapping":
            if not isinstance(value, dict):
                raise self.error(path, f"{key} must be a table")
            return value
        try:
            return as_kind(wanted, value, key)
        except ValueError as error:
            raise self.error(path, str(error)) from None

    def _read_dataclass(self, wanted: Any, value: Any, path: KeyPath) -> Any:
        where = ".".join(str(part) for part in path if isinstance(part, str)) or "the plan"
        if not isinstance(value, dict):
            raise self.error(path, f"{where} must be a table: write [{where}] or {{ key = value }}")
        fields = {f.name: f for f in dataclasses.fields(wanted)}
        if self.pass_over_unknown:
            value = {key: item for key, item in value.items() if key in fields}
        for key in value:
            if key not in fields:
                remedy = did_you_mean(key, fields, otherwise=f"it takes {', '.join(fields)}")
                raise self.error((*path, key), f"{where} has no setting {key!r}: {remedy}")
        hints = typing.get_type_hints(wanted)
        for name, f in fields.items():
            required = f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING
            if required and name not in value:
                raise self.error(path, f"{where} has no {name}: add it")
        given = {key: self.read(hints[key], item, (*path, key)) for key, item in value.items()}
        made = wanted(**given)
        for name, problem in made.problems():
            raise self.error((*path, *name.split(".")), f"{where + '.' if path else ''}{name} {problem}")
        return made
