"""Whether the input and the vocabulary of a job are there, asked before Beam is imported.

That import takes a second, which a typing error should not cost. Places in an object store are left to whoever reads them.
"""

import glob
import os
from collections.abc import Iterator, Sequence
from typing import Any

from beam_jobs.errors import UserError
from beam_jobs.execution.earlier_outputs import OUTPUT_KINDS, SENTENCES
from beam_jobs.inputs.find_sentences import ENDINGS, RAW_TEXT
from beam_jobs.inputs.input_file import can_be_read
from beam_jobs.inputs.list_inputs import list_each_input
from beam_jobs.inputs.plan_ranges import FORMATS
from beam_jobs.jobs.instances.job import vocabulary_file
from beam_jobs.records import MANIFEST_NAME
from beam_jobs.settings import InstanceSettings, VocabularySettings
from beam_jobs.storage.paths import absolute, is_remote
from vocab.model_class import load_model_class

_NOTHING, _EMPTY, _SOMETHING = "nothing", "empty files", "something"


def look_first(settings: Sequence[Any]) -> None:
    """Check what a job on this machine reads, in the words of the job itself.

    `settings` are those of the job's steps, of which the first reads `--input`.

    Raises:
        UserError: nothing that can be read lies at a local path of `--input`, all of it is empty, or the local
            vocabulary cannot be read.
    """
    if not settings:
        return
    first = settings[0]
    of_sentences = isinstance(first, InstanceSettings)
    endings = ENDINGS if of_sentences else FORMATS
    local = [pattern for pattern in first.input if not is_remote(pattern)]
    found = [_look_at(absolute(pattern), endings) for pattern in local]
    for pattern, seen in zip(local, found, strict=True):
        if seen == _NOTHING:
            list_each_input(
                [pattern],
                endings,
                own_output=first.output,
                not_text=OUTPUT_KINDS - {SENTENCES} if of_sentences else OUTPUT_KINDS,
                other_kinds=RAW_TEXT if of_sentences else "",
            )
    if set(found) == {_EMPTY} and len(local) == len(first.input):
        raise UserError(f"--input {' '.join(local)} holds only empty files, of 0 bytes; name files that hold text")
    if any(isinstance(step, VocabularySettings) for step in settings):
        return  # which learns the vocabulary
    for step in settings:
        if isinstance(step, InstanceSettings):
            model_class = load_model_class(step.model_class)
            if step.vocab_file and not is_remote(step.vocab_file):
                vocabulary_file(step, model_class)


def _look_at(pattern: str, endings: Sequence[str]) -> str:
    """Whether a local pattern names a file that can be read, or one that the job has more to say about, as `_SOMETHING`."""
    found = _NOTHING
    try:
        for path in _files(pattern):
            if path.endswith(f"/{MANIFEST_NAME}"):
                return _SOMETHING
            if can_be_read(path, endings):
                found = _EMPTY
                if os.path.getsize(path) or not os.path.isfile(path):  # noqa: PTH113, PTH202
                    return _SOMETHING
    except (OSError, ValueError):
        return _SOMETHING
    return found


def _files(pattern: str) -> Iterator[str]:
    there = os.path.exists(pattern)  # noqa: PTH110, a Path would normalise the pattern
    for place in [pattern] if there else glob.iglob(pattern, recursive=True, include_hidden=True):  # noqa: PTH207
        if os.path.isdir(place):  # noqa: PTH112
            for folder, _, names in os.walk(place):
                yield from (f"{folder}/{name}" for name in names)
        else:
            yield place
