"""Facts that are needed to use the weights of a run: how its text was tokenized, and with which vocabulary.

They are written to `plan.json` as `facts` before the first update, so that a checkpoint of a killed run can be
exported. The vocabulary and the statistics of the data are copied beside it, and identified by their SHA-256. A file
that a failed launch on other data left there is replaced. A file of somebody else is refused. An export uses neither of
these.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from beam_jobs import storage
from beam_jobs.errors import UserError
from beam_jobs.records import STATS_NAME, VOCABULARY_NAME, VOCABULARY_NAMES
from trainer.data.corpus_folder import CorpusFolder
from trainer.run.model_source import ModelSource

KEPT = (*VOCABULARY_NAMES, STATS_NAME)


@dataclass(frozen=True)
class TokenizationFacts:
    """Facts about a run. None or an empty string means that a fact is not known."""

    lower_case: bool | None = None
    max_input_chars_per_word: int | None = None
    vocab_sha256: str = ""  # of the vocabulary that the data was made with
    files: Mapping[str, str] = field(default_factory=dict)  # SHA-256 of each file that is kept beside plan.json

    def difference(self, other: "TokenizationFacts") -> str:
        """The first fact that both know and that differs, in words: self is "there", other "here".

        Empty if they agree.
        """
        pairs = {
            "lower_case": (self.lower_case, other.lower_case),
            "max_input_chars_per_word": (self.max_input_chars_per_word, other.max_input_chars_per_word),
            "the vocabulary": (self.vocab_sha256 or None, other.vocab_sha256 or None),
            VOCABULARY_NAME: (self.files.get(VOCABULARY_NAME), other.files.get(VOCABULARY_NAME)),
        }
        for name, (there, here) in pairs.items():
            if None not in (there, here) and there != here:
                return f"{name} is {there!r} there and {here!r} in this data"
        return ""

    def completed_by(self, other: "TokenizationFacts") -> "TokenizationFacts":
        """These facts, completed by those of `other` that are not known here."""
        return TokenizationFacts(
            other.lower_case if self.lower_case is None else self.lower_case,
            self.max_input_chars_per_word or other.max_input_chars_per_word,
            self.vocab_sha256 or other.vocab_sha256,
            {**other.files, **self.files},
        )


def facts_of(
    source: ModelSource, folders: Sequence[CorpusFolder] = (), kept: Mapping[str, bytes] | None = None
) -> TokenizationFacts:
    """The facts of a run on these folders. `kept` has the files of them that are kept.

    Raises UserError if the folders differ in casing.
    """
    made = [(folder.uri, folder.manifest.vocabulary) for folder in folders if folder.manifest]
    casings = {vocabulary["lower_case"]: uri for uri, vocabulary in made if "lower_case" in vocabulary}
    if len(casings) > 1:
        raise UserError(f"{casings[True]} was made in lower case, {casings[False]} was not; train on data of one kind")
    longest = (folder.settings.get("max_input_chars_per_word") for folder in folders)
    digests = (str(vocabulary.get("sha256", "")) for _, vocabulary in made)
    return TokenizationFacts(
        next(iter(casings), source.lower_case),
        next((length for length in longest if length), None),
        source.vocab_sha256 or next((digest for digest in digests if digest), ""),
        {name: _sha256(data) for name, data in (kept or {}).items()},
    )


def files_to_keep(data: str) -> dict[str, bytes]:
    """The vocabulary and the statistics of a data folder, as far as they exist."""
    found = {name: storage.read_if_there(storage.join(data, name)) for name in KEPT}
    return {name: content for name, content in found.items() if content is not None}


def write_kept(
    output: str, kept: Mapping[str, bytes], facts: TokenizationFacts, former: TokenizationFacts | None, *, begun: bool
) -> None:
    """Copy `kept` into the output folder. `facts` are those of the run, and `former` those that were in the folder.

    Raises UserError for a file of the same name that no run wrote there, or that a run which has `begun` did not keep.
    """
    for name, data in kept.items():
        path = storage.join(output, name)
        content = storage.read_if_there(path)
        there = "" if content is None else _sha256(content)
        if there == _sha256(data):
            continue
        left_by_a_launch = former is not None and former.files.get(name) == there
        if begun and there and there == facts.files.get(name):
            continue  # statistics that were made again; the run keeps its own
        if there and (begun or not left_by_a_launch):
            raise UserError(f"{path}: is not that of this run's data; move it away, and the same command goes on")
        storage.write_whole(path, data)


def kept_file(output: str, name: str, facts: TokenizationFacts | None) -> bool:
    """Whether the output folder has the file that the run kept. Without facts, as in earlier versions, any file counts.

    Raises UserError if it is another file.
    """
    path = storage.join(output, name)
    content = storage.read_if_there(path)
    if content is None or (facts is not None and name not in facts.files):
        return False
    if facts is not None and _sha256(content) != facts.files[name]:
        raise UserError(f"{path}: is not the file that the run was begun with; copy the one of its data there")
    return True


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
