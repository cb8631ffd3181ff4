"""The sets of rules that a user chooses by name, and single rules with other thresholds."""

import re
from collections.abc import Iterable
from dataclasses import replace

from beam_jobs.console.nearest import did_you_mean, nearest_name
from beam_jobs.errors import UserError
from beam_jobs.quality.rule import Rule
from beam_jobs.quality.rules import RULES

RULE_SETS: dict[str, tuple[str, ...]] = {
    "none": (),
    "light": (
        "replacement_characters",
        "few_letters",
        "javascript_code",
        "c4_lorem_ipsum",
        "gopher_repeated_lines",
    ),
    "web": tuple(rule.name for rule in RULES if rule.name.startswith(("gopher_", "fineweb_", "c4_"))),
    "ocr": tuple(rule.name for rule in RULES if rule.name.startswith("ocr_")),
}
"""The names of the rules of each set: what is surely no text; web pages; paragraphs of optical character recognition."""

_BY_NAME = {rule.name: rule for rule in RULES}
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


def rule_with_threshold(text: str) -> Rule:
    """The rule that "rule=threshold" means. Raises UserError, in one line with the remedy, if it means none."""
    name, equals, number = (part.strip() for part in text.partition("="))
    if name not in _BY_NAME:
        nearest = nearest_name(name, _BY_NAME, cutoff=0.0)
        raise UserError(f"{text!r} names no rule of quality; the nearest is {nearest}={_BY_NAME[nearest].threshold:g}")
    rule = _BY_NAME[name]
    if not equals or not number:
        raise UserError(f"{text!r} has no threshold: write {name}={rule.threshold:g}, for example")
    changed = replace(rule, threshold=float(number) if _NUMBER.fullmatch(number) else float("nan"))
    try:
        changed.validate()
    except ValueError as wanted:
        message = f"{text!r}: the threshold of {name} must be {wanted}, such as {rule.threshold:g}"
        raise UserError(message) from None
    return changed


def chosen_rules(name: str, thresholds: Iterable[str] = ()) -> tuple[Rule, ...]:
    """The rules of a set and those of "rule=threshold", which change the rules of the set or join them, in RULES' order.

    Raises UserError for an unknown set, and for thresholds that mean nothing or contradict each other.
    """
    if name not in RULE_SETS:
        remedy = did_you_mean(name, RULE_SETS, otherwise=f"the sets are {', '.join(RULE_SETS)}")
        raise UserError(f"{name!r} is no set of rules of quality: {remedy}")
    changed = _changed(thresholds)
    return tuple(changed.get(rule.name, rule) for rule in RULES if rule.name in changed or rule.name in RULE_SETS[name])


def with_thresholds(thresholds: Iterable[str]) -> tuple[Rule, ...]:
    """All rules, those of "rule=threshold" with their thresholds. Raises UserError as `chosen_rules` does."""
    changed = _changed(thresholds)
    return tuple(changed.get(rule.name, rule) for rule in RULES)


def _changed(thresholds: Iterable[str]) -> dict[str, Rule]:
    changed: dict[str, Rule] = {}
    for text in thresholds:
        rule = rule_with_threshold(text)
        if rule.name in changed:
            raise UserError(f"{text!r} gives {rule.name} a second threshold: leave one of the two out")
        changed[rule.name] = rule
    return changed
