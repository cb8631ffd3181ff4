"""Tokenizes sentence shards into byte-level BPE or SentencePiece pieces, by Hugging Face's `tokenizers` library."""

import os
from itertools import chain

import numpy as np

from beam_jobs.tokenizer.tokenize import ShardTokenizer, TokenizedShard
from vocab.tokenizer_json import text_tokenizer
from vocab.vocabulary import Vocabulary

_BATCH = 1024  # sentences for one call of the library, whose results take far more memory than their ids


class SubwordTokenizer:
    """Like `ShardTokenizer`, for a vocabulary with a tokenizer.json. Lines are read in the same way.

    White space around a sentence is dropped. A sentence that follows another one of its document is written after a space, if
    the tokenizer does not put one there itself: so the pieces of a document are those of its sentences in one line, and each
    word but the first of a document begins with a space. Special pieces in the text, such as "<mask>", are text.

    The library's threads are switched off in the process, because workers are the parallelism of a job.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        """Raises ValueError for a vocabulary of WordPiece."""
        os.environ["TOKENIZERS_PARALLELISM"] = "false"  # the library has no other switch
        self._tokenizer = text_tokenizer(vocabulary)
        self._unknown = vocabulary.unk_id
        letter, spaced = (self._tokenizer.encode(text, add_special_tokens=False).ids for text in ("a", " a"))
        self._between = " " if letter != spaced else ""
        self._clear()

    def _clear(self) -> None:
        self._ids: list[np.ndarray] = []
        self._lengths: list[int] = []
        self._document_ends: list[int] = [0]
        self._waiting: list[str] = []
        self._begins = True  # the next sentence begins a document
        self._document_of_waiting: list[bool] = []
        self._empty = self._invalid = 0

    def add(self, block: bytes) -> None:
        """Tokenize the next lines of the shard. The end of a block ends its last line, but not its last document."""
        text = block.decode("utf-8", "ignore")
        self._invalid += len(block) - (len(text) if text.isascii() else len(text.encode()))
        lines = text.replace("\r", "").split("\n")
        if not lines[-1]:
            lines.pop()  # what follows the last newline is no line
        for line in lines:
            sentence = line.strip()
            if not sentence:
                self._begins = True
                continue
            self._waiting.append(sentence if self._begins else self._between + sentence)
            self._document_of_waiting.append(self._begins)
            self._begins = False
            if len(self._waiting) == _BATCH:
                self._tokenize()

    def _tokenize(self) -> None:
        encodings = self._tokenizer.encode_batch_fast(self._waiting, add_special_tokens=False)
        for encoding, begins in zip(encodings, self._document_of_waiting, strict=True):
            if begins:
                self._end_document()
            if length := len(encoding):
                self._lengths.append(length)
            else:
                self._empty += 1
        self._ids.append(np.fromiter(chain.from_iterable(encoding.ids for encoding in encodings), np.int32))
        self._waiting, self._document_of_waiting = [], []

    def _end_document(self) -> None:
        if len(self._lengths) > self._document_ends[-1]:
            self._document_ends.append(len(self._lengths))

    def finish(self) -> TokenizedShard:
        """The tokenized shard. The tokenizer is then ready for the next one."""
        self._tokenize()
        self._end_document()
        ids = np.concatenate(self._ids)
        shard = TokenizedShard(
            ids,
            np.concatenate(([0], np.cumsum(self._lengths, dtype=np.int64))).astype(np.int64),
            np.array(self._document_ends, np.int64),
            unknown=int(np.count_nonzero(ids == self._unknown)),
            empty_sentences=self._empty,
            invalid_bytes=self._invalid,
        )
        self._clear()
        return shard


def shard_tokenizer(
    vocabulary: Vocabulary, lower_case: bool, max_input_chars_per_word: int = 200
) -> ShardTokenizer | SubwordTokenizer:
    """The tokenizer of a vocabulary. The settings are for WordPiece; a tokenizer.json has its own."""
    if vocabulary.tokenizer:
        return SubwordTokenizer(vocabulary)
    return ShardTokenizer(vocabulary, lower_case, max_input_chars_per_word)
