"""A SentencePiece model file (`spiece.model`) of the unigram kind as a tokenizer.json.

The file is a protocol buffer, sentencepiece's `ModelProto`: field 1, repeated, is a piece (1: its text, 2: its score, float,
3: its type), field 2 the training settings (3: the kind of model, 1 is unigram; 40: the id of the unknown piece), field 3 the
normalizer (2: its table of replaced characters). How the text is prepared before, such as lower-casing, is ALBERT's, as in
Hugging Face's `AlbertTokenizer`.
"""

import struct
from collections.abc import Iterator, Mapping
from typing import Any

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

from beam_jobs.errors import UserError
from vocab.special_pieces import special_names

_PIECES, _TRAINER, _NORMALIZER = 1, 2, 3
_UNIGRAM = 1
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5  # wire types


def unigram_tokenizer(data: bytes, name: str, config: Mapping[str, Any]) -> bytes:
    """The tokenizer.json of a SentencePiece model.

    Args:
        data: the bytes of the file.
        name: what messages call it.
        config: of the tokenizer_config.json beside it: `do_lower_case` (true if it does not say) and `keep_accents` (false).

    Raises UserError for a file that is no unigram model or has not the special pieces.
    """
    try:
        pieces, kind, unk_id, table = _read_model(data)
    except (ValueError, IndexError, struct.error, KeyError, TypeError) as error:
        raise UserError(f"{name}: is no SentencePiece model ({error}); fetch it again") from error
    if kind != _UNIGRAM:
        raise UserError(f"{name}: is a SentencePiece model of another kind than unigram; name a tokenizer.json")
    ids = {piece: i for i, (piece, _) in enumerate(pieces)}
    names = special_names(ids, name)
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id, byte_fallback=False))
    steps: list[Any] = [normalizers.Replace("``", '"'), normalizers.Replace("''", '"')]
    if not config.get("keep_accents", False):
        steps += [normalizers.NFKD(), normalizers.StripAccents()]
    if config.get("do_lower_case", True):
        steps.append(normalizers.Lowercase())
    if table:
        steps.append(normalizers.Precompiled(table))
    tokenizer.normalizer = normalizers.Sequence([*steps, normalizers.Replace(Regex(" {2,}"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.add_special_tokens(
        [AddedToken(piece, special=True, normalized=False, lstrip=piece == names.mask) for piece in names]
    )
    second = (
        f"{names.sep}:0 {names.sep}:0 $B:0 {names.sep}:0"
        if names.separators == 2
        else f"{names.sep}:0 $B:1 {names.sep}:1"
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{names.cls}:0 $A:0 {names.sep}:0",
        pair=f"{names.cls}:0 $A:0 {second}",
        special_tokens=[(names.cls, ids[names.cls]), (names.sep, ids[names.sep])],
    )
    return tokenizer.to_str().encode()


def _read_model(data: bytes) -> tuple[list[tuple[str, float]], int, int, bytes]:
    """The pieces with their scores, the kind of model, the id of the unknown piece, and the table of the normalizer."""
    pieces: list[tuple[str, float]] = []
    kind, unk_id, table = _UNIGRAM, 0, b""
    for field, value in _fields(data):
        if field == _PIECES:
            inner = dict(_fields(value))
            piece = bytes(inner[1]).decode("utf-8")
            pieces.append((piece, _score(piece, struct.unpack("<f", inner[2])[0] if 2 in inner else 0.0)))
        elif field == _TRAINER:
            inner = dict(_fields(value))
            kind, unk_id = inner.get(3, _UNIGRAM), inner.get(40, 0)
        elif field == _NORMALIZER:
            table = bytes(dict(_fields(value)).get(2, b""))
    if not pieces:
        raise ValueError("it has no pieces")
    return pieces, kind, unk_id, table


def _score(piece: str, score: float) -> float:
    """The score, for pieces such as "9," far lower: ALBERT cuts the comma off numbers, as google-research/albert does."""
    return score - 100 if len(piece) > 1 and piece[-1] == "," and piece[-2].isdigit() else score


def _fields(data: bytes) -> Iterator[tuple[int, Any]]:
    """The fields of a message: an int for a varint, else bytes."""
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        field, wire = tag >> 3, tag & 7
        if wire == _VARINT:
            value, at = _varint(data, at)
            yield field, value
            continue
        if wire == _BYTES:
            size, at = _varint(data, at)
        elif wire in (_FIXED64, _FIXED32):
            size = 8 if wire == _FIXED64 else 4
        else:
            raise ValueError(f"wire type {wire}")
        if at + size > len(data):
            raise ValueError("it is cut off")
        yield field, data[at : at + size]
        at += size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
        if shift > 63:
            raise ValueError("a number is too long")
