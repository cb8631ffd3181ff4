"""Values of a wrong kind in the settings of every job."""

import dataclasses

import numpy as np
import pytest

from beam_jobs.errors import UserError
from beam_jobs.settings import InstanceSettings, SegmentSettings, Settings, VocabularySettings

_WRONG = {
    tuple: ["path", ("a", 1), ("a", b"b"), 3, None, {"a"}],
    str: [3, None, b"text", ("text",), True],
    int: ["3", 3.0, True, None, np.int64(3)],
    float: ["3", None, True, float("nan"), float("inf"), (1.0,)],
    bool: ["False", 0, 1, None],
}
CLASSES: list[type[Settings]] = [SegmentSettings, InstanceSettings, VocabularySettings]
FIELDS = [(c, f.name, wrong) for c in CLASSES for f in dataclasses.fields(c) for wrong in _WRONG[type(f.default)]]


@pytest.mark.parametrize(("settings_class", "name", "value"), FIELDS)
def test_a_wrong_kind_is_refused_by_name(settings_class: type[Settings], name: str, value: object) -> None:
    settings = dataclasses.replace(settings_class(input=("in",), output="out"), **{name: value})
    with pytest.raises(UserError, match=rf"^--{name} .* it must be "):
        settings.validate()


@pytest.mark.parametrize("settings_class", CLASSES)
def test_one_path_instead_of_several(settings_class: type[Settings]) -> None:
    with pytest.raises(UserError, match=r"--input 'raw' is of type str, .*; write input=\('raw',\)"):
        settings_class(input="raw", output="out").validate()
    settings_class(input=["raw"], output="out").validate()


def test_whole_numbers_may_be_floats() -> None:
    SegmentSettings(input=("in",), output="out", shard_mb=1).validate()
