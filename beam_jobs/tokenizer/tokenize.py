"""Tokenizes sentence shards into flat arrays of piece ids, exactly those of the original BERT tokenizer."""

from dataclasses import dataclass

import numpy as np

from beam_jobs.tokenizer import tokenize_kernel as kernel
from beam_jobs.tokenizer.byte_words import PADDING, mark_bytes
from beam_jobs.tokenizer.character_classes import character_tables
from beam_jobs.tokenizer.chunk_cache import MAX_IDS, new_cache
from beam_jobs.tokenizer.reference_tokenizer import ReferenceTokenizer
from beam_jobs.tokenizer.wordpiece_trie import build_trie
from vocab.characters import ASCII_PUNCTUATION
from vocab.vocabulary import Vocabulary

_STRETCH = 1 << 20  # bytes of text for one call of the kernel
_FIRST_IDS = 1 << 23  # room for so many ids at first; from these 32 MiB on, memory grows without a copy (on Linux)
_MORE_IDS = 1 << 21  # and for so many more, as often as needed


@dataclass(frozen=True)
class TokenizedShard:
    """The pieces of a sentence shard. Sentences without a piece and documents without a sentence are left out."""

    ids: np.ndarray  # int32 [pieces]
    sentence_starts: np.ndarray  # int64 [sentences + 1], offsets into `ids`
    document_starts: np.ndarray  # int64 [documents + 1], offsets into the sentences
    unknown: int = 0  # pieces that are [UNK]
    empty_sentences: int = 0  # lines left out: they are not blank, but have no pieces
    invalid_bytes: int = 0  # bytes left out because they are not UTF-8

    @property
    def pieces(self) -> int:
        """Number of pieces."""
        return len(self.ids)

    @property
    def sentences(self) -> int:
        """Number of sentences."""
        return len(self.sentence_starts) - 1

    @property
    def documents(self) -> int:
        """Number of documents."""
        return len(self.document_starts) - 1


class ShardTokenizer:
    """Tokenizes sentence shards: UTF-8 text, one sentence a line, a blank line between documents.

    Lines are read as in google-research/bert and TF Model Garden: only "\\n" ends a line, carriage returns and invalid
    UTF-8 are dropped, and a line is blank if `str.strip()` leaves nothing of it. Special pieces in the text, such as
    "[MASK]", are ordinary text and are cut at their brackets.

        tokenizer = ShardTokenizer(load_vocabulary("vocab.txt"), lower_case=False)
        for block in blocks:
            tokenizer.add(block)
        shard = tokenizer.finish()

    Keep the tokenizer for the next shard, because its word cache is kept too. Threads must not share a tokenizer.

    Args:
        vocabulary: the pieces and their ids.
        lower_case: lower-case and strip accents, as the uncased models do.
        max_input_chars_per_word: a longer word becomes [UNK].
        cache_mb: memory for the word cache, in MB. It changes the speed, but not the result.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        lower_case: bool,
        max_input_chars_per_word: int = 200,
        cache_mb: float = 34.0,
    ) -> None:
        if max_input_chars_per_word < 1:
            raise ValueError(f"max_input_chars_per_word is {max_input_chars_per_word} and must be at least 1")
        ids, unknown = vocabulary.ids, vocabulary.unk_id
        self._unknown = unknown
        self._exact = ReferenceTokenizer(ids, unknown, lower_case, max_input_chars_per_word)
        punctuation_ids = np.full(128, unknown, np.int32)
        for character in ASCII_PUNCTUATION:
            punctuation_ids[ord(character)] = ids.get(character, unknown)
        cache = new_cache(cache_mb)
        self._tables = kernel.KernelTables(
            punctuation_ids,
            *character_tables(lower_case),
            *build_trie(ids),
            cache,
            cache.view(np.int32),
            np.empty(max_input_chars_per_word, np.int32),
            unknown,
        )
        self._text, self._kinds = np.zeros((2, _STRETCH + PADDING), np.uint8)
        self._clear()

    def _clear(self) -> None:
        self._ids = np.empty(0, np.int32)
        self._used = 0
        self._sentence_ends: list[np.ndarray] = []
        self._document_ends: list[np.ndarray] = []
        self._sentences = 0
        self._sentences_in_documents = 0
        self._counts = {"unknown": 0, "empty_sentences": 0, "invalid_bytes": 0}

    def add(self, block: bytes) -> None:
        """Tokenize the next lines of the shard. The end of a block ends its last line, but not its last document."""
        if b"\r" in block:
            block = block.replace(b"\r", b"")
        if block and not block.endswith(b"\n"):
            block += b"\n"
        start = 0
        while start < len(block):
            end = block.rfind(b"\n", start, start + _STRETCH) + 1 or block.index(b"\n", start) + 1
            self._add_lines(block, start, end)
            start = end

    def _add_lines(self, block: bytes, start: int, end: int) -> None:
        size = end - start
        if size + PADDING > len(self._text):
            self._text, self._kinds = np.zeros((2, size + PADDING), np.uint8)
        text, kinds = self._text, self._kinds
        text[:size] = np.frombuffer(block, np.uint8, size, start)
        mark_bytes(text, kinds, size)
        self._make_room(size)
        out = self._ids[self._used :]
        lines = block.count(b"\n", start, end)
        sentence_ends, document_ends = np.empty(lines, np.int64), np.empty(lines, np.int64)
        # Sentences are counted from the beginning of the current document.
        open_sentences = self._sentences - self._sentences_in_documents
        state = np.zeros(kernel.STATE_SIZE, np.int64)
        state[kernel.DOCUMENT_SENTENCES] = -open_sentences
        while True:
            kernel.tokenize_lines(self._tables, text, kinds, size, state, out, sentence_ends, document_ends)
            if not state[kernel.WAITING]:
                break
            self._tokenize_whole_token(text, state, out)
        used, sentences, documents = (int(state[i]) for i in (kernel.AT, kernel.SENTENCES, kernel.DOCUMENTS))
        self._sentence_ends.append(sentence_ends[:sentences] + self._used)
        self._document_ends.append(document_ends[:documents] + self._sentences)
        self._sentences_in_documents = self._sentences + int(state[kernel.DOCUMENT_SENTENCES])
        self._sentences += sentences
        self._used += used
        self._counts["unknown"] += int(np.count_nonzero(out[:used] == self._unknown))
        self._counts["empty_sentences"] += int(state[kernel.EMPTY_LINES])
        self._counts["invalid_bytes"] += int(state[kernel.INVALID_BYTES])

    def _tokenize_whole_token(self, text: np.ndarray, state: np.ndarray, out: np.ndarray) -> None:
        start, end, at = (int(state[i]) for i in (kernel.TOKEN_START, kernel.POSITION, kernel.AT))
        token = text[start:end].tobytes()
        decoded = token.decode("utf-8", "ignore")
        ids = self._exact.tokenize(decoded)
        out[at : at + len(ids)] = ids
        invalid = len(token) - len(decoded.encode())
        if not invalid:
            kernel.keep_whole_token(self._tables, text, start, end, out, at, len(ids))
        state[kernel.AT] += len(ids)
        state[kernel.INVALID_BYTES] += invalid

    def _make_room(self, size: int) -> None:
        """Make room for the ids of `size` bytes of text. A piece takes at least one byte, so `size` ids are enough."""
        needed = self._used + size + MAX_IDS
        if not len(self._ids):
            self._ids = np.empty(max(_FIRST_IDS, needed), np.int32)
        elif needed > len(self._ids):
            self._ids.resize(needed + _MORE_IDS, refcheck=False)  # no view of it is in use

    def finish(self) -> TokenizedShard:
        """The tokenized shard. The tokenizer is then ready for the next one."""
        ids = self._ids
        ids.resize(self._used, refcheck=False)
        if self._sentences > self._sentences_in_documents:
            self._document_ends.append(np.array([self._sentences], np.int64))
        zero = np.zeros(1, np.int64)
        shard = TokenizedShard(
            ids,
            np.concatenate([zero, *self._sentence_ends]),
            np.concatenate([zero, *self._document_ends]),
            **self._counts,
        )
        self._clear()
        return shard
