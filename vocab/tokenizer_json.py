"""Vocabularies of subwords: the `tokenizer.json` of a byte-level BPE or of a SentencePiece tokenizer.

Byte-level BPE (Radford et al. 2019), the vocabulary of RoBERTa, cuts the bytes of a text into pieces, so that it spells every
text. SentencePiece's unigram model (Kudo 2018), the vocabulary of ALBERT, looks for the most probable pieces. Both write the
space before a word into its first piece, as Ġ or as ▁: a piece that begins so begins a word, and others continue one.
"""

import hashlib
import json
from functools import cache
from typing import Any

from tokenizers import Tokenizer

from beam_jobs.errors import UserError
from vocab.special_pieces import special_names
from vocab.vocabulary import Vocabulary

BYTE_SPACE, SPACE = "Ġ", "▁"
_UNTYPABLE = "\0"  # begins the names that special pieces have inside the model, so that no text is cut into one


def parse_tokenizer(content: dict[str, Any], data: bytes, name: str) -> Vocabulary:
    """The vocabulary in a tokenizer.json: its parsed `content` and the file's bytes; `name` is what messages call it.

    Raises UserError for a model that is neither BPE nor unigram, one that does not mark the beginnings of words, missing
    special pieces, and ids without a piece.
    """
    kind = _kind(content, name)
    if kind == "WordPiece":
        raise UserError(
            f"{name}: is a WordPiece vocabulary; name the vocab.txt of the same model, which is read much faster"
        )
    if kind not in ("BPE", "Unigram"):
        raise UserError(f"{name}: its model is {kind}; byte-level BPE (RoBERTa) and unigram (ALBERT) can be read")
    ids = _ids(content, name)
    pieces = sorted(ids, key=ids.__getitem__)
    if [ids[piece] for piece in pieces] != list(range(len(pieces))):
        hole = next(i for i, piece in enumerate(pieces) if ids[piece] != i)
        raise UserError(f"{name}: id {hole} has no piece, or two; every id from 0 on must have one")
    special, marker = special_names(ids, name), _marker(content, name)
    try:
        tokenizer = Tokenizer.from_str(data.decode())
    except Exception as error:  # the library has no exception class of its own
        raise UserError(f"{name}: cannot read the tokenizer ({error}); mend or fetch it again") from error
    return Vocabulary(
        pieces=tuple(pieces),
        ids=ids,
        sha256=hashlib.sha256(data).hexdigest(),
        special=special,
        space=marker,
        tokenizer=data.decode(),
        lower_case=_lower_cases(tokenizer),
    )


def text_tokenizer(vocabulary: Vocabulary) -> Tokenizer:
    """The tokenizer of a vocabulary of subwords for text alone: it neither cuts, pads nor adds anything.

    "<mask>" typed in a text is text: the special pieces have other names in it, which no text contains. Raises ValueError
    for a vocabulary of WordPiece.
    """
    if not vocabulary.tokenizer:
        raise ValueError("a vocabulary of WordPiece has no such tokenizer")
    content = json.loads(vocabulary.tokenizer)
    model, special = content["model"], set(vocabulary.special)
    renamed = {piece: f"{_UNTYPABLE}{piece}" for piece in special}
    if isinstance(model["vocab"], dict):
        model["vocab"] = {renamed.get(piece, piece): id for piece, id in model["vocab"].items()}
    else:
        model["vocab"] = [[renamed.get(piece, piece), score] for piece, score in model["vocab"]]
    if model.get("unk_token") in special:
        model["unk_token"] = renamed[model["unk_token"]]
    content["added_tokens"] = [token for token in content.get("added_tokens", ()) if token["content"] not in special]
    content |= {"truncation": None, "padding": None, "post_processor": None}
    tokenizer = Tokenizer.from_str(json.dumps(content))
    tokenizer.encode_special_tokens = True
    return tokenizer


def readable(piece: str, space: str) -> str:
    """A piece as text, without the space before it. Bytes that are no whole character are shown as `\\xc3`."""
    if space != BYTE_SPACE:
        return piece.removeprefix(space)
    table = _byte_of_character()
    if any(character not in table for character in piece):
        return piece  # a special or an added piece, which stands for itself
    text = bytes(table[character] for character in piece).decode("utf-8", "backslashreplace")
    return text.removeprefix(" ")


def _kind(content: dict[str, Any], name: str) -> str:
    model = content.get("model")
    if not isinstance(model, dict) or "vocab" not in model:
        raise UserError(f"{name}: is no tokenizer.json: it has no model with a vocab; name another file")
    kind = model.get("type")
    if kind is None:  # as the first versions of the library wrote it
        kind = "BPE" if "merges" in model else "Unigram" if isinstance(model["vocab"], list) else "WordPiece"
    return str(kind)


def _ids(content: dict[str, Any], name: str) -> dict[str, int]:
    vocab = content["model"]["vocab"]
    try:
        ids = dict(vocab) if isinstance(vocab, dict) else {piece: i for i, (piece, _) in enumerate(vocab)}
        for token in content.get("added_tokens") or ():
            ids[token["content"]] = int(token["id"])
    except (TypeError, ValueError, KeyError) as error:
        raise UserError(f"{name}: its pieces cannot be read ({error!r}); fetch it again") from error
    return ids


def _marker(content: dict[str, Any], name: str) -> str:
    """What a piece that begins a word begins with."""
    pre_tokenizer, normalizer = (
        json.dumps(content.get(key), ensure_ascii=False) for key in ("pre_tokenizer", "normalizer")
    )
    if '"ByteLevel"' in pre_tokenizer:
        return BYTE_SPACE
    if '"Metaspace"' in pre_tokenizer or SPACE in normalizer:
        return SPACE
    raise UserError(
        f"{name}: its pieces do not mark the spaces before words (no ByteLevel or Metaspace among its pre-tokenizers), so "
        "that words cannot be told; take another tokenizer"
    )


def _lower_cases(tokenizer: Tokenizer) -> bool:
    return tokenizer.normalizer is not None and tokenizer.normalizer.normalize_str("A").strip(f" {SPACE}") == "a"


@cache
def _byte_of_character() -> dict[str, int]:
    """GPT-2's table: printable characters of Latin-1 stand for their own byte, the others for those from U+0100 on."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    return {chr(byte): byte for byte in printable} | {chr(0x100 + i): byte for i, byte in enumerate(others)}
