"""`beam_jobs.Tokenizer`: the tokenizer of the instances job, for one text at a time."""

import posixpath
from pathlib import Path

import numpy as np

from beam_jobs.errors import UserError
from beam_jobs.tokenizer.subword_tokenizer import shard_tokenizer
from vocab.casing import casing_problem
from vocab.fetch import fetch_vocabulary
from vocab.model_class import built_in_names, load_model_class
from vocab.vocabulary import Vocabulary, load_vocabulary
from vocab.vocabulary_file import FILE_NAMES


class Tokenizer:
    """Turns text into pieces: WordPiece exactly as the original BERT does, or the subwords of a tokenizer.json.

        tokenizer = Tokenizer("bert_base_cased")     # or "my_vocab/custom.json", or "vocab.txt"
        tokenizer("It rained all day.")              # ['It', 'rain', '##ed', 'all', 'day', '.']
        tokenizer.ids("It rained all day.")          # their ids, an int32 array

    A special piece in the text, such as "[MASK]", is ordinary text. The first call on a machine compiles the kernel,
    which takes some seconds. Threads must not share a tokenizer.

    Args:
        vocab: a built-in model class or a model-class file (.json), whose vocabulary is fetched if it is not here yet;
            or a `vocab.txt` or `tokenizer.json` (path or URI); or a model folder; or a `Vocabulary`.
        lower_case: lower-case and strip accents. By default as the model class says; False for a vocabulary alone.
        max_input_chars_per_word: a longer word becomes [UNK].

    Raises:
        UserError: the vocabulary cannot be fetched or read, or it seems to be uncased and `lower_case` is not given.
    """

    def __init__(
        self,
        vocab: str | Path | Vocabulary,
        *,
        lower_case: bool | None = None,
        max_input_chars_per_word: int = 200,
    ) -> None:
        if max_input_chars_per_word < 1:
            raise UserError(f"max_input_chars_per_word is {max_input_chars_per_word} and must be at least 1")
        self.vocabulary, self.lower_case = _vocabulary_and_casing(vocab, lower_case)
        self._tokenizer = shard_tokenizer(self.vocabulary, self.lower_case, max_input_chars_per_word)

    def __call__(self, text: str) -> list[str]:
        """The pieces of a text, as in the vocabulary, without [CLS] and [SEP]."""
        return [self.vocabulary.pieces[piece] for piece in self.ids(text)]

    def ids(self, text: str) -> np.ndarray:
        """The ids of the pieces of a text, int32 [pieces]."""
        # Carriage returns are white space in a text, while the tokenizer drops those of a shard. A lone surrogate
        # cannot be encoded, so it is ignored.
        self._tokenizer.add(text.replace("\r", " ").encode("utf-8", "ignore"))
        return self._tokenizer.finish().ids


def _vocabulary_and_casing(vocab: str | Path | Vocabulary, lower_case: bool | None) -> tuple[Vocabulary, bool]:
    if not isinstance(vocab, Vocabulary):
        name = str(vocab)
        is_class = name.endswith(".json") and posixpath.basename(name) not in FILE_NAMES
        if is_class or name in built_in_names():
            model_class = load_model_class(name)
            vocabulary = load_vocabulary(fetch_vocabulary(model_class))
            return vocabulary, model_class.lower_case if lower_case is None else lower_case
        vocab = load_vocabulary(name)
    if vocab.tokenizer:
        return vocab, vocab.lower_case
    if lower_case is None and casing_problem(vocab.pieces, lower_case=False):
        raise UserError("the vocabulary seems to be an uncased one: say lower_case=True, or False if it is cased")
    return vocab, bool(lower_case)
