"""Settings as JSON values, and the hash of those that decide the output bytes."""

import dataclasses
import hashlib
import json
from typing import Any

from beam_jobs.settings.embed import EmbedSettings
from beam_jobs.settings.instances import InstanceSettings
from beam_jobs.settings.languages import language_codes
from beam_jobs.settings.segment import SegmentSettings
from beam_jobs.settings.vocabulary import VocabularySettings
from beam_jobs.text.language_names import code_of_code
from beam_jobs.text.languages import canonical_language, known_languages

FORMAT_VERSION = 1  # part of every settings hash; raise it if the same settings will give other bytes

Settings = SegmentSettings | InstanceSettings | VocabularySettings | EmbedSettings


def to_json(settings: Settings) -> dict[str, Any]:
    """The settings as plain JSON values, in the order of the dataclass."""
    return {
        name: list(value) if isinstance(value, tuple) else value for name, value in dataclasses.asdict(settings).items()
    }


def output_settings(settings: Settings) -> dict[str, Any]:
    """The settings that decide the output bytes. Settings younger than their job are left out if they have the default."""
    kept = {f.name for f in dataclasses.fields(settings) if f.metadata["affects_output"]}
    kept -= {name for name, default in _young_settings(type(settings)).items() if getattr(settings, name) == default}
    return {name: _as_hashed(name, value) for name, value in to_json(settings).items() if name in kept}


def with_young_settings(values: dict[str, Any], settings_class: type[Settings]) -> dict[str, Any]:
    """Output settings with the defaults of those that `output_settings` leaves out."""
    return {**_young_settings(settings_class), **values}


def _young_settings(settings_class: type[Settings]) -> dict[str, Any]:
    return {f.name: f.default for f in dataclasses.fields(settings_class) if not f.metadata["in_hash_at_default"]}


def _as_hashed(name: str, value: Any) -> Any:
    """A language given by name becomes its code, and those to keep the same codes in one order. Other spellings stay, so that the hashes of old corpora stay valid."""
    if name == "language" and code_of_code(value) not in known_languages():
        return canonical_language(value) or value
    if name == "languages":
        return list(language_codes(value))
    return value


def settings_hash(settings: Settings, **more: Any) -> str:
    """Hash of everything that decides the output bytes: the settings and `more` (the input plan, the vocabulary)."""
    content = {"job": type(settings).__name__, "format": FORMAT_VERSION, "settings": output_settings(settings), **more}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]
