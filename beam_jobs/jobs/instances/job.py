"""What every worker of an instances job knows, and how the job is opened."""

import logging
from dataclasses import dataclass

from beam_jobs import storage
from beam_jobs.errors import UserError
from beam_jobs.records import TOKENIZER_NAME, VOCABULARY_NAME
from beam_jobs.settings import InstanceSettings, settings_hash
from vocab.casing import casing_problem
from vocab.fetch import fetch_vocabulary
from vocab.model_class import ModelClass, load_model_class
from vocab.vocabulary import parse_vocabulary
from vocab.vocabulary_file import read_vocabulary

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class InstanceJob:
    """The settings of a job, and what follows from them. It is small, and equal in every worker and launch.

    `input_hash` identifies the input: the settings' hash of the sentence corpus, or a hash of the names and sizes of
    other files.
    """

    settings: InstanceSettings
    output: str
    lower_case: bool
    vocabulary_size: int
    vocabulary_sha256: str
    input_hash: str
    workers: int  # processes of this machine; 0 on a remote engine, whose machines are known when they have worked
    started: float  # seconds since the epoch; used only for `time_taken_min`
    vocabulary_name: str = VOCABULARY_NAME  # of its copy in the output folder

    @property
    def hash(self) -> str:
        """The hash of everything that decides the output bytes."""
        return settings_hash(
            self.settings, vocabulary=self.vocabulary_sha256, lower_case=self.lower_case, input=self.input_hash
        )

    @property
    def vocabulary_path(self) -> str:
        """The copy of the vocabulary that workers, researchers and the trainer read."""
        return storage.join(self.output, self.vocabulary_name)


def open_job(settings: InstanceSettings, input_hash: str, workers: int, started: float) -> tuple[InstanceJob, bytes]:
    """The job of these settings, and the bytes of its vocabulary file, which is fetched and checked.

    Raises:
        UserError: the model class or its vocabulary cannot be read, or they do not belong together.
    """
    model_class = load_model_class(settings.model_class)
    path, data = vocabulary_file(settings, model_class)
    vocabulary = parse_vocabulary(data, path)
    if not settings.vocab_file and len(vocabulary) != model_class.vocab_size:
        raise UserError(
            f"{path} holds {len(vocabulary):,} pieces but model class {model_class.name} has {model_class.vocab_size:,}; "
            "name the right file with --vocab_file or another --model_class"
        )
    lower_case = vocabulary.lower_case if vocabulary.tokenizer else model_class.lower_case
    if vocabulary.tokenizer:
        _require_usual_words(settings, path)
    elif problem := casing_problem(vocabulary.pieces, model_class.lower_case):
        _LOG.warning("%s with model class %s: %s", path, model_class.name, problem)
    job = InstanceJob(
        settings=settings,
        output=storage.absolute(settings.output),
        lower_case=lower_case,
        vocabulary_size=len(vocabulary),
        vocabulary_sha256=vocabulary.sha256,
        input_hash=input_hash,
        workers=workers,
        started=started,
        vocabulary_name=TOKENIZER_NAME if vocabulary.tokenizer else VOCABULARY_NAME,
    )
    return job, data


def vocabulary_file(settings: InstanceSettings, model_class: ModelClass) -> tuple[str, bytes]:
    """The place of the vocabulary, and its bytes. That of the model class is fetched if it is not here yet.

    Raises:
        UserError: it cannot be read; a file of the user is named by its setting.
    """
    if not settings.vocab_file:
        path = storage.absolute(str(fetch_vocabulary(model_class, settings.vocab_dir)))
        return path, read_vocabulary(path)
    try:
        return storage.absolute(settings.vocab_file), read_vocabulary(storage.absolute(settings.vocab_file))
    except UserError as error:
        raise UserError(f"--vocab_file {error}") from error


def _require_usual_words(settings: InstanceSettings, path: str) -> None:
    if settings.max_input_chars_per_word != 200:
        raise UserError(
            f"--max_input_chars_per_word {settings.max_input_chars_per_word}: is for WordPiece, but {path} holds subwords, "
            "which spell words of any length; leave it out"
        )
