"""Single changes to a plan, as `--set phase.128.batch=2816` writes them."""

import tomllib
from collections.abc import Sequence
from typing import Any

from beam_jobs.console.nearest import did_you_mean
from beam_jobs.errors import UserError

EVERY = "*"


def apply_changes(content: dict[str, Any], changes: Sequence[str]) -> None:
    """Set keys of a plan's content, as tomllib read it, in place.

    A change is KEY=VALUE: the key with dots between tables, a phase by its name (`phase.128.batch`) or all of them by `*`, and
    the value as in TOML, where a text needs no quotes. Whether a key and its value make sense is for the reader to say.

    Raises:
        UserError: a change is not of that form, or names a phase that the plan does not have.
    """
    for change in changes:
        key, equals, value = change.partition("=")
        parts = [part.strip() for part in key.split(".")]
        if not equals or not all(parts):
            raise UserError(
                f"--set {change}: must be KEY=VALUE, such as phase.128.batch=2816 or optimizer.weight_decay=0.1"
            )
        for table in _tables(content, parts, change):
            for part in parts[:-1] if parts[0] != "phase" else parts[2:-1]:
                inner = table.setdefault(part, {})
                if not isinstance(inner, dict):
                    raise UserError(f"--set {change}: {part} is a value, {inner!r}, and holds no {parts[-1]}")
                table = inner
            table[parts[-1]] = _value(value.strip())


def _tables(content: dict[str, Any], parts: Sequence[str], change: str) -> list[dict[str, Any]]:
    """The tables in which the rest of the key is looked for: the plan, or the phases that are named."""
    if parts[0] != "phase":
        return [content]
    phases = [phase for phase in content.get("phase", []) if isinstance(phase, dict)]
    names = [str(phase.get("name", "")) for phase in phases]
    chosen = [phase for phase, name in zip(phases, names, strict=True) if len(parts) > 1 and parts[1] in (name, EVERY)]
    if len(parts) < 3 or not chosen:
        guess = did_you_mean(parts[1], names, before="; ") if len(parts) > 1 else ""
        raise UserError(
            f"--set {change}: name a phase and its key, as in phase.{names[0] if names else 'NAME'}.batch=64, or all phases by "
            f"phase.*.batch=64; this plan has {', '.join(names)}{guess}"
        )
    return chosen


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (tomllib.TOMLDecodeError, RecursionError):
        return text
