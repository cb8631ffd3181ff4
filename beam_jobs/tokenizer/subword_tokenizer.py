"""Tokenizes sentence shards into byte-level BPE or SentencePiece pieces, by Hugging Face's `tokenizers` library."""

import json
import os
import re
from itertools import chain

import numpy as np

from beam_jobs.tokenizer.tokenize import ShardTokenizer, TokenizedShard
from vocab.tokenizer_json import BYTE_SPACE, text_tokenizer
from vocab.vocabulary import Vocabulary

_OTHER_SPACE = re.compile(r"  |[^\S ]")  # white space that is not a single space
_MOST_WORDS = 1 << 19  # in the cache; about 100 MB
_BATCH = 1024  # sentences for one call of the library, whose results take far more memory than their ids


class SubwordTokenizer:
    """Like `ShardTokenizer`, for a vocabulary with a tokenizer.json. Lines are read in the same way.

    White space around a sentence is dropped. A sentence that follows another one of its document is written after a space, if
    the tokenizer does not put one there itself: so the pieces of a document are those of its sentences in one line, and each
    word but the first of a document begins with a space. Special pieces in the text, such as "<mask>", are text.

    Words that byte-level BPE has cut once are remembered: its pre-tokenizer never joins what a single space separates.

    The library's threads are switched off in the process, because workers are the parallelism of a job.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        """Raises ValueError for a vocabulary of WordPiece."""
        os.environ["TOKENIZERS_PARALLELISM"] = "false"  # the library has no other switch
        self._tokenizer = text_tokenizer(vocabulary)
        self._unknown = vocabulary.unk_id
        letter, spaced = (self._tokenizer.encode(text, add_special_tokens=False).ids for text in ("a", " a"))
        self._between = " " if letter != spaced else ""
        self._words: dict[str, list[int]] | None = {} if _cuts_at_spaces(vocabulary) else None
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
        if self._words is None:
            encodings = self._tokenizer.encode_batch_fast(self._waiting, add_special_tokens=False)
            found = [encoding.ids for encoding in encodings]
        else:
            found = [self._by_words(line, self._words) for line in self._waiting]
        for ids, begins in zip(found, self._document_of_waiting, strict=True):
            if begins:
                self._end_document()
            if length := len(ids):
                self._lengths.append(length)
            else:
                self._empty += 1
        self._ids.append(np.fromiter(chain.from_iterable(found), np.int32))
        self._waiting, self._document_of_waiting = [], []

    def _by_words(self, line: str, cache: dict[str, list[int]]) -> list[int]:
        """The ids of a line, word by word, where a single space stands before each word but the first."""
        if _OTHER_SPACE.search(line):
            return self._encode(line)
        first, *others = line.split(" ")
        ids: list[int] = []
        for word in chain((first,), (f" {other}" for other in others)):
            known = cache.get(word)
            if known is None:
                if len(cache) >= _MOST_WORDS:
                    cache.clear()
                known = cache[word] = self._encode(word)
            ids += known
        return ids

    def _encode(self, text: str) -> list[int]:
        return list(self._tokenizer.encode(text, add_special_tokens=False).ids) if text else []

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


def _cuts_at_spaces(vocabulary: Vocabulary) -> bool:
    """Whether text can be cut before every single space without a change: GPT-2's byte-level rule, and nothing before it."""
    content = json.loads(vocabulary.tokenizer)
    rule = content.get("pre_tokenizer") or {}
    added = {token["content"] for token in content.get("added_tokens") or ()} - set(vocabulary.special)
    plain = rule.get("type") == "ByteLevel" and rule.get("use_regex", True) and content.get("normalizer") is None
    return vocabulary.space == BYTE_SPACE and plain and not added and content["model"].get("dropout") is None


def shard_tokenizer(
    vocabulary: Vocabulary, lower_case: bool, max_input_chars_per_word: int = 200
) -> ShardTokenizer | SubwordTokenizer:
    """The tokenizer of a vocabulary. The settings are for WordPiece; a tokenizer.json has its own."""
    if vocabulary.tokenizer:
        return SubwordTokenizer(vocabulary)
    return ShardTokenizer(vocabulary, lower_case, max_input_chars_per_word)
