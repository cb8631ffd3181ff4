"""The settings of every job: one frozen dataclass each, checked before anything runs.

A field has its own help text and other names, so that the command line, the settings' hash, the statistics and these
files always agree. Fields with `affects_output=False` (where to write, how many processes) are not in the hash, because
runs that differ only in them produce the same bytes.
"""

from beam_jobs.settings.embed import EmbedSettings
from beam_jobs.settings.hashing import FORMAT_VERSION, Settings, output_settings, settings_hash, to_json
from beam_jobs.settings.instances import InstanceSettings, fitting_predictions
from beam_jobs.settings.segment import SegmentSettings
from beam_jobs.settings.vocabulary import VocabularySettings

__all__ = [
    "FORMAT_VERSION",
    "EmbedSettings",
    "InstanceSettings",
    "SegmentSettings",
    "Settings",
    "VocabularySettings",
    "fitting_predictions",
    "output_settings",
    "settings_hash",
    "to_json",
]
