import tomllib

import pytest

from beam_jobs.settings import EmbedSettings, InstanceSettings, SegmentSettings, Settings, VocabularySettings
from beam_jobs.settings.config_text import config_text


@pytest.mark.parametrize(
    "settings",
    [
        SegmentSettings(("a", 'b "c"\\*.txt'), "o", languages=("nb", "nn"), dev_fraction=1e-7),
        InstanceSettings(("a",), "o", gzipped=False, max_seq_length=512),
        VocabularySettings(("å",), "o", lower_case=True),
        EmbedSettings(("a",), "o", model="m", layers="-4:-1"),
    ],
)
def test_the_text_is_read_as_the_same_settings(settings: Settings) -> None:
    content = tomllib.loads(config_text(settings))
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in content.items()}
    assert type(settings)(**values) == settings


def test_it_names_its_job() -> None:
    assert "# beambert instances --config FILE" in config_text(InstanceSettings())


def test_a_path_that_is_not_utf8_is_named_and_left_out() -> None:
    text = config_text(SegmentSettings(("\udcff",), "o"))
    assert "# input holds a path that is not UTF-8" in text
    assert tomllib.loads(text)["output"] == "o"
