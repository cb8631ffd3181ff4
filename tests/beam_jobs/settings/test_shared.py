import dataclasses

import pytest

from beam_jobs.settings import InstanceSettings, SegmentSettings, VocabularySettings

CLASSES = (SegmentSettings, InstanceSettings, VocabularySettings)
SHARED = {
    "input": ((), False, ("data_dir",)),
    "output": ("", False, ("output_dir",)),
    "max_num_cpus": (0, False, ()),
    "shards_per_worker": (2, False, ()),
    "run_name": ("", False, ()),
}


@pytest.mark.parametrize("settings_class", CLASSES)
def test_what_all_jobs_have_is_the_same_in_each(settings_class):
    fields = {field.name: field for field in dataclasses.fields(settings_class)}
    for name, wanted in SHARED.items():
        metadata = fields[name].metadata
        assert (fields[name].default, metadata["affects_output"], tuple(metadata["other_names"])) == wanted
        assert metadata["help"]


@pytest.mark.parametrize("name", ["random_seed", "max_rejected", "text_field", "normalize"])
def test_what_some_have_is_the_same_in_them(name):
    found = [field for cls in CLASSES for field in dataclasses.fields(cls) if field.name == name]
    assert len(found) == 2
    assert len({(field.default, field.metadata["help"], field.metadata["affects_output"]) for field in found}) == 1
    assert found[0].metadata["affects_output"] is (name != "max_rejected")
