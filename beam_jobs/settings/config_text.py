"""The settings of a job as the text of a configuration file, which the job keeps in its output folder."""

from beam_jobs.console.toml_text import toml_value
from beam_jobs.settings.embed import EmbedSettings
from beam_jobs.settings.hashing import Settings, to_json
from beam_jobs.settings.instances import InstanceSettings
from beam_jobs.settings.segment import SegmentSettings
from beam_jobs.settings.vocabulary import VocabularySettings

JOB_NAMES: dict[type, str] = {
    SegmentSettings: "segment",
    InstanceSettings: "instances",
    VocabularySettings: "vocabulary",
    EmbedSettings: "embed",
}
"""The command of each job, by its settings."""


def config_text(settings: Settings) -> str:
    """TOML with all settings, those included that have their defaults: a later version may have others.

    `beambert JOB --config` reads it as the same settings. Paths stay as they were given.
    """
    job = JOB_NAMES[type(settings)]
    lines = [
        "# The settings of this folder. To make it again elsewhere, in the working directory that its paths are relative to:",
        f"# beambert {job} --config FILE --output DIR",
    ]
    for name, value in to_json(settings).items():
        try:
            lines.append(f"{name} = {toml_value(value)}")
        except UnicodeEncodeError:
            lines.append(f"# {name} holds a path that is not UTF-8, which TOML cannot hold: give it by --{name}")
    return "\n".join(lines) + "\n"
