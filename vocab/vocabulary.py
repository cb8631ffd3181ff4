"""A vocabulary: `vocab.txt` of WordPiece, one piece a line, whose number is its id (Devlin et al. 2018), or `tokenizer.json`.

What a tokenizer.json says is read in `tokenizer_json.py`.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from beam_jobs.errors import UserError
from vocab.special_pieces import BERT_NAMES, SpecialNames

if TYPE_CHECKING:
    import numpy as np

SPECIAL_PIECES = tuple(BERT_NAMES)
CONTINUATION = "##"  # begins a piece that continues a word
_ASCII_SPACE = " \t\r\v\f"

UNUSED_PIECE = re.compile(r"\[unused\d+\]|madeupword\d+")  # of BERT, and of RoBERTa


@dataclass(frozen=True)
class Vocabulary:
    """The pieces of a vocabulary in the order of their ids.

    `ids` is the inverse of `pieces`; `sha256` is of the file's bytes, in hex. Made by `load_vocabulary` or
    `parse_vocabulary`, which check that the special pieces are there and that no piece stands twice. The last three are of
    a vocabulary of subwords.
    """

    pieces: tuple[str, ...] = field(repr=False)
    ids: Mapping[str, int] = field(repr=False, compare=False)
    sha256: str
    special: SpecialNames = BERT_NAMES
    space: str = ""  # begins a piece that begins a word; "": WordPiece, where "##" begins a piece that continues one
    tokenizer: str = field(default="", repr=False)  # the content of the tokenizer.json
    lower_case: bool = False  # whether its tokenizer lower-cases; of WordPiece the model class knows

    def __len__(self) -> int:
        return len(self.pieces)

    @property
    def pad_id(self) -> int:
        """Id of [PAD], which pads texts outside of records.

        Records are always padded with 0, as in google-research/bert; their lengths or `input_mask` say what is padding.
        """
        return self.ids[self.special.pad]

    @property
    def unk_id(self) -> int:
        """Id of [UNK], the piece of a word that cannot be spelt."""
        return self.ids[self.special.unk]

    @property
    def cls_id(self) -> int:
        """Id of [CLS], first piece of every instance."""
        return self.ids[self.special.cls]

    @property
    def sep_id(self) -> int:
        """Id of [SEP], last piece of every segment."""
        return self.ids[self.special.sep]

    @property
    def mask_id(self) -> int:
        """Id of [MASK], the piece that hides another."""
        return self.ids[self.special.mask]

    @cached_property
    def special_ids(self) -> frozenset[int]:
        """Ids of the five special pieces."""
        return frozenset(self.ids[piece] for piece in self.special)

    @cached_property
    def unused_ids(self) -> frozenset[int]:
        """Ids of placeholders such as [unused0], [unused1], ..., which no text contains."""
        return frozenset(i for i, piece in enumerate(self.pieces) if UNUSED_PIECE.fullmatch(piece))

    @cached_property
    def word_start(self) -> "np.ndarray":
        """bool [size]: whether the piece with this id begins a word: "##" does not, nor what lacks the mark of a space.

        Special pieces begin words.
        """
        import numpy as np  # here, so that commands which only name vocabularies start without it

        if not self.space:
            return np.array([not piece.startswith(CONTINUATION) for piece in self.pieces], dtype=bool)
        starts = np.array([piece.startswith(self.space) for piece in self.pieces], dtype=bool)
        starts[list(self.special_ids)] = True
        return starts

    def shown(self, piece: int) -> str:
        """The piece with this id for a reader: as in the vocabulary, or a subword as its text; `<id>` for no piece."""
        if not 0 <= piece < len(self):
            return f"<{piece}>"
        if not self.space or piece in self.special_ids:
            return self.pieces[piece]
        from vocab.tokenizer_json import readable  # here, because it makes vocabularies

        return readable(self.pieces[piece], self.space)


def load_vocabulary(path: object) -> Vocabulary:
    """The vocabulary in a file (a path, or a URI: file:, https:, gs:, s3:), or in a local model folder.

    Raises UserError for a missing or unreadable file and for everything that `parse_vocabulary` refuses.
    """
    from vocab.vocabulary_file import read_vocabulary  # here, because it parses vocabularies

    return parse_vocabulary(read_vocabulary(str(path)), str(path))


def parse_vocabulary(data: bytes, name: str) -> Vocabulary:
    """The vocabulary in the bytes of a `vocab.txt` or of a `tokenizer.json`; `name` is what error messages call it.

    In a vocab.txt, as in google-research/bert, a line is a piece and white space around it is dropped, so CRLF files mean the same as
    LF ones; blank lines at the end and a byte order mark are dropped. Only newlines end a line. White space of Unicode
    that is not ASCII may be a piece, alone or after "##", because published vocabularies have such pieces.

    Raises UserError, naming the lines, for an empty file, invalid UTF-8, a blank line between
    pieces, duplicates and missing special pieces.
    """
    content = tokenizer_content(data)
    if content is not None:
        from vocab.tokenizer_json import parse_tokenizer  # here, because it makes vocabularies

        return parse_tokenizer(content, data, name)
    pieces = split_pieces(data, name)
    blank = next((line for line, piece in enumerate(pieces, 1) if not piece), None)
    if blank:
        raise UserError(f"{name}: line {blank} is blank; put a placeholder such as [unused0] there to keep the ids")
    ids = {piece: i for i, piece in enumerate(pieces)}
    if len(ids) < len(pieces):
        raise UserError(f"{name}: {describe_duplicates(pieces)}; every piece must stand once")
    missing = [piece for piece in SPECIAL_PIECES if piece not in ids]
    if missing:
        raise UserError(f"{name}: special pieces are missing: {', '.join(missing)}; is this a BERT vocab.txt?")
    return Vocabulary(pieces=tuple(pieces), ids=ids, sha256=hashlib.sha256(data).hexdigest())


def tokenizer_content(data: bytes) -> dict[str, Any] | None:
    """The JSON object that `data` is, as a tokenizer.json is one; None for anything else."""
    if not data.lstrip().startswith(b"{"):
        return None
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def split_pieces(data: bytes, name: str) -> list[str]:
    """The pieces in the bytes of a `vocab.txt`, for the linter. Only UTF-8 and emptiness are checked."""
    lines = data.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    pieces = []
    for number, line in enumerate(lines, 1):
        try:
            pieces.append(_piece(line.decode("utf-8")))
        except UnicodeDecodeError as error:
            raise UserError(f"{name}: line {number} is not valid UTF-8; save the vocabulary as UTF-8") from error
    while pieces and not pieces[-1]:
        pieces.pop()
    if not pieces:
        raise UserError(f"{name}: the vocabulary is empty; it must hold one piece a line")
    return pieces


def _piece(line: str) -> str:
    """The piece on a line, without white space around it, unless the line is only white space of Unicode."""
    piece = line.strip()
    return piece if piece not in ("", CONTINUATION) else line.strip(_ASCII_SPACE)


def describe_duplicates(pieces: Sequence[str], shown: int = 3) -> str:
    """The pieces that occur more than once, and their lines, in words."""
    lines: dict[str, list[int]] = {}
    for number, piece in enumerate(pieces, 1):
        lines.setdefault(piece, []).append(number)
    doubled = [(piece, numbers) for piece, numbers in lines.items() if len(numbers) > 1]
    parts = [f"{piece!r} on lines {', '.join(map(str, numbers[:4]))}" for piece, numbers in doubled[:shown]]
    more = f" and {len(doubled) - shown} more" if len(doubled) > shown else ""
    return f"{len(doubled)} duplicate piece{'s' if len(doubled) > 1 else ''}: {'; '.join(parts)}{more}"
