"""Texts as the pieces of a model's vocabulary, each with its characters of the original text."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from beam_jobs.errors import UserError
from trainer.export.tokenizer_files import (
    CONFIG_NAME,
    TOKENIZER_NAME,
    TokenizerSettings,
    build_tokenizer,
    read_tokenizer_settings,
)
from vocab.vocabulary import Vocabulary, load_vocabulary


@dataclass(frozen=True, eq=False)
class Pieces:
    """The pieces of one text, without special ones.

    Attributes:
        ids: int32 [pieces].
        starts: int32 [pieces], the first character of each in the original text.
        ends: int32 [pieces], the character behind it.
    """

    ids: np.ndarray
    starts: np.ndarray
    ends: np.ndarray

    def __len__(self) -> int:
        return len(self.ids)


class TextPieces:
    """A tokenizer that never truncates and never pads, whatever its file says, and to which all text is text.

    "[SEP]" typed in a text becomes the pieces of "[", "SEP" and "]", as it did when the model was pretrained. If a tokenizer
    knows no other pieces for it, it becomes the unknown piece.

    Attributes:
        cls_id: the first piece of every row.
        sep_id: the piece at the end of a text.
        between: the pieces between two texts.
    """

    def __init__(self, tokenizer: Tokenizer, name: str, segments: int = 2) -> None:
        """Take over a tokenizer.

        Args:
            tokenizer: of any kind; its settings are changed.
            name: its file, for messages.
            segments: rows of the model's segment table. With one, both texts of a row have the segment id 0.
        """
        tokenizer.no_truncation()
        tokenizer.no_padding()
        tokenizer.encode_special_tokens = True
        self._tokenizer = tokenizer
        roles = (("[CLS]", "<s>"), ("[SEP]", "</s>"), ("[UNK]", "<unk>"), ("[PAD]", "<pad>"), ("[MASK]", "<mask>"))
        found = [next((piece for piece in names if tokenizer.token_to_id(piece) is not None), None) for names in roles]
        if None in found[:3]:
            missing = roles[found.index(None)][0]
            raise UserError(f"{name}: has no piece {missing}; name a model with a vocabulary of BERT's kind")
        ids = tokenizer.get_vocab(with_added_tokens=True)
        known = [ids[piece] for piece in found if piece is not None]
        self.cls_id, self.sep_id, self._unk_id = known[:3]
        self.between = (self.sep_id,) * (2 if found[1] == "</s>" else 1)
        self._second_segment = min(segments, 2) - 1
        self._special = frozenset(known) - {self._unk_id}

    def encode(self, texts: Sequence[str]) -> list[Pieces]:
        """The pieces of each text.

        A piece spans the characters that it stands for, without white space, and the combining marks that follow them: the
        marks may be no part of the piece where accents are stripped, but a reader takes them for one character.
        """
        # without post-processing: it would add special pieces
        encodings = self._tokenizer.encode_batch(list(texts), add_special_tokens=False)
        return [
            self._pieces(text, encoding.ids, encoding.offsets) for text, encoding in zip(texts, encodings, strict=True)
        ]

    def encode_words(self, texts: Sequence[str]) -> list[tuple[Pieces, np.ndarray]]:
        """The pieces of each text as `encode` gives them, and for each piece the number of its word: int32 [pieces].

        Words are what the tokenizer cuts into pieces; there is none over white space, and BERT's end at punctuation.
        """
        encodings = self._tokenizer.encode_batch(list(texts), add_special_tokens=False)
        return [
            (self._pieces(text, encoding.ids, encoding.offsets), np.array(encoding.word_ids, np.int32))
            for text, encoding in zip(texts, encodings, strict=True)
        ]

    def names(self, ids: Sequence[int] | np.ndarray) -> list[str]:
        """The pieces with these ids, as the vocabulary writes them."""
        return [self._tokenizer.id_to_token(int(id)) or f"id {id}" for id in ids]

    def ids_of(self, names: Sequence[str]) -> np.ndarray:
        """The inverse of `names`, int32 [pieces]; for a special or an unknown name, the unknown piece."""
        ids = [self._tokenizer.token_to_id(name) for name in names]
        return self._known([self._unk_id if id is None else id for id in ids])

    def ids(self, texts: Sequence[str]) -> list[np.ndarray]:
        """The ids of the pieces of each text, int32 [pieces]: those of `encode`, where offsets are not needed."""
        encodings = self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        return [self._known(encoding.ids) for encoding in encodings]

    def row(self, first: np.ndarray, second: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """The ids and the segment ids of a row with one text, or with two: int32 [pieces] both.

        `first` and `second` are ids of pieces without special ones.
        """
        cls, sep = [self.cls_id], [self.sep_id]
        if second is None:
            ids = np.concatenate((cls, first, sep)).astype(np.int32)
            return ids, np.zeros_like(ids)
        ids = np.concatenate((cls, first, self.between, second, sep)).astype(np.int32)
        segment_ids = np.zeros_like(ids)
        segment_ids[len(ids) - len(second) - 1 :] = self._second_segment
        return ids, segment_ids

    def _pieces(self, text: str, ids: list[int], offsets: list[tuple[int, int]]) -> Pieces:
        found = self._known(ids)
        spans = np.array(offsets, np.int32).reshape(-1, 2)
        if not text.isascii():
            for i, (start, end) in enumerate(offsets):
                spans[i] = start, _with_marks(text, end)
        if self._spans_have_spaces(text, offsets):
            for i, (start, end) in enumerate(offsets):
                spans[i, 0] = end - len(text[start:end].lstrip())
        return Pieces(found, spans[:, 0].copy(), spans[:, 1].copy())

    def _known(self, ids: list[int]) -> np.ndarray:
        """Ids without special pieces: a text has none."""
        if not self._special.isdisjoint(ids):
            ids = [self._unk_id if id in self._special else id for id in ids]
        return np.array(ids, np.int32)

    @staticmethod
    def _spans_have_spaces(text: str, offsets: list[tuple[int, int]]) -> bool:
        """Whether pieces begin with white space, as those of byte-level tokenizers do."""
        return any(text[start].isspace() for start, end in offsets if start < end)


def _with_marks(text: str, end: int) -> int:
    """`end`, moved behind the combining marks that stand there."""
    while 0 < end < len(text) and unicodedata.category(text[end])[0] == "M":
        end += 1
    return end


def text_pieces(vocabulary: Vocabulary, settings: TokenizerSettings, segments: int = 2) -> TextPieces:
    """The pieces of BERT's own tokenizer with a vocabulary, for a model with so many segments."""
    return TextPieces(build_tokenizer(vocabulary, settings), "vocab.txt", segments)


def load_text_pieces(folder: Path, segments: int = 2) -> TextPieces:
    """The tokenizer of a model folder: its tokenizer.json, or else its vocab.txt with tokenizer_config.json.

    `segments` are the rows of the model's segment table.

    Raises UserError for a folder with neither, and a file that cannot be read.
    """
    path = folder / TOKENIZER_NAME
    if path.is_file():
        try:
            tokenizer = Tokenizer.from_file(str(path))
        except Exception as error:  # the library has no exception class of its own
            raise UserError(f"{path}: cannot read the tokenizer ({error}); mend or remove it") from error
        return TextPieces(tokenizer, str(path), segments)
    if not (folder / "vocab.txt").is_file():
        raise UserError(
            f"{folder}: has neither {TOKENIZER_NAME} nor vocab.txt with {CONFIG_NAME}; name a model's folder"
        )
    return text_pieces(load_vocabulary(folder / "vocab.txt"), read_tokenizer_settings(folder), segments)
