"""Makes fields of settings dataclasses, with everything that the command line needs to know about them."""

from dataclasses import field
from typing import Any

_METAVARS: dict[type, str] = {int: "INT", float: "NUMBER", str: "TEXT", tuple: "PATH"}


def setting(
    default: Any,
    help: str,
    *,
    metavar: str = "",
    other_names: tuple[str, ...] = (),
    choices: tuple[str, ...] = (),
    affects_output: bool = True,
    in_hash_at_default: bool = True,
) -> Any:
    """A dataclass field whose metadata says how the command line shows it and whether it decides the output bytes.

    Args:
        default: the value without the flag; its type is that of the setting.
        help: the text of `--help`; for a setting that is True by default, the text of `--no-NAME`.
        metavar: what `--help` shows as the value: its kind or unit (PROB, MB, DIR); by default its type or the choices.
        other_names: further names of the flag.
        choices: the allowed values, if they are limited.
        affects_output: whether the setting changes the output bytes, and so belongs to the settings' hash.
        in_hash_at_default: False for a setting that is younger than its job: with its default it is not in the hash, so
            that folders that were made before it are still recognised.
    """
    metadata = {
        "help": help,
        "metavar": metavar or "|".join(choices) or _METAVARS.get(type(default), ""),
        "other_names": other_names,
        "choices": choices,
        "affects_output": affects_output,
        "in_hash_at_default": in_hash_at_default,
    }
    return field(default=default, metadata=metadata)
