"""Odd values in every setting of a plan: it is shown, or one line says with its line what is wrong."""

import dataclasses
import json
import typing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beam_jobs.errors import UserError
from trainer.model.config import BertConfig
from trainer.plans.plan import Phase, Plan
from trainer.plans.reading import plan_from_toml
from trainer.plans.settings import KeepRule

BASE = {
    "name": '"fuzzed"',
    "model": {"config": {"vocab_size": "64"}},
    "phase": {
        "name": '"only"',
        "sequence_length": "16",
        "batch": "8",
        "steps": "4",
        "learning_rate": {"peak": "1e-3"},
    },
}
ODD = (
    *("nan", "inf", "-inf", "-1", "0", "1", "2", "0.5", "1e308", "5e-324", "true", "[]", "{}", '""', '"\\u0000"'),
    *("1" + "0" * 30, "1" + "0" * 400, "9223372036854775807", "2147483648", '"bert_base_cased"', '"../x/y"', "[[1]]"),
    *("1979-05-27", '"' + "long" * 2000 + '"', '[""]', "[{ every = 0 }]", "[{ every = nan }]", "{ a = { b = 1 } }"),
    *('"linear"', '"polynomial"', '"inverse_sqrt"', '"cosine"', '"span"', '"skip"', '"adamw"', '"é\\n\\t"', "''"),
)


def paths_of(part):
    """Every setting of a part of a plan, by its path; and one that there is not in each table."""
    yield ("not_a_setting",)
    hints = typing.get_type_hints(part)
    for field in dataclasses.fields(part):
        yield (field.name,)
        if dataclasses.is_dataclass(hints[field.name]):
            yield from ((field.name, *path) for path in paths_of(hints[field.name]))


PATHS = sorted(
    {
        *paths_of(Plan),
        *(("phase", *path) for path in paths_of(Phase)),
        *(("checkpoint", "keep", *path) for path in paths_of(KeepRule)),
        *(("model", "config", field.name) for field in dataclasses.fields(BertConfig)),
        *(("model", "config", key) for key in ("model_type", "is_decoder", "num_hidden_groups", "misspelt")),
        *((name,) for name in ("optimizer", "masking", "evaluation", "phases", "a.b", "")),
    }
)


def toml(content):
    """A nested table of TOML literals as an inline table."""
    if isinstance(content, str):
        return content
    return "{ " + ", ".join(f"{json.dumps(key)} = {toml(value)}" for key, value in content.items()) + " }"


def plan_text(changes):
    content = json.loads(json.dumps(BASE))
    for path, value in changes:
        table = content
        for name in path[:-1]:
            if not isinstance(table.get(name), dict):
                table[name] = {}
            table = table[name]
        table[path[-1]] = value
    phase = content.pop("phase")
    lines = [f"{json.dumps(key)} = {toml(value)}" for key, value in content.items()]
    if isinstance(phase, str):
        return "\n".join([*lines, f"phase = {phase}"])
    return "\n".join([*lines, "[[phase]]", *(f"{json.dumps(key)} = {toml(value)}" for key, value in phase.items())])


def error_of(text):
    """Why a plan is refused; empty when it is not."""
    try:
        plan_from_toml(text, "fuzzed.toml")
    except UserError as error:
        return str(error)
    return ""


@pytest.fixture
def fuzz(tmp_path, outcome):
    """Writes a plan and shows it; the same file for every example."""

    def show(text, *more):
        (tmp_path / "fuzzed.toml").write_text(text, encoding="utf-8")
        return outcome(["plan", "show", tmp_path / "fuzzed.toml", "--device", "H100", *more])

    return show


def test_the_plan_that_is_spoilt_is_a_good_one(fuzz):
    assert fuzz(plan_text([]))[0] == 0
    assert len(PATHS) > 90


@pytest.mark.parametrize("path", PATHS, ids=".".join)
def test_every_setting_with_every_odd_value(path, fuzz):
    """Every setting of a plan was once a traceback for somebody: not a number, not of that kind, or far too large."""
    outcomes = {value: fuzz(plan_text([(path, value)])) for value in ODD}
    for value in ("nan", "inf", "-inf", "1" + "0" * 400, '"\\u0000"'):
        status, error = outcomes[value]
        assert status == 2, (path, value)
        assert "fuzzed.toml:" in error, (path, value, error)


@given(st.lists(st.tuples(st.sampled_from(PATHS), st.sampled_from(ODD)), min_size=2, max_size=4))
def test_several_settings_at_once(changes):
    """Two settings that are right by themselves may not be right together."""
    error = error_of(plan_text(changes))
    assert not error or error.startswith("fuzzed.toml:")


@given(st.binary(max_size=60), st.integers(0, 400))
def test_a_plan_of_any_bytes(noise, at):
    """A plan that was saved over by something else in part."""
    text = plan_text([])
    error = error_of(text[:at] + noise.decode("latin-1") + text[at:])
    assert not error or error.startswith("fuzzed.toml:")
