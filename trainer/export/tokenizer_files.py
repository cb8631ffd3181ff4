"""The tokenizer files of an export, as `transformers` loads them: tokenizer.json, tokenizer_config.json, vocab.txt.

A vocabulary of subwords keeps its tokenizer.json, but for cutting and padding; byte-level BPE has vocab.json and merges.txt too.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tokenizers import AddedToken, Tokenizer, decoders, normalizers, pre_tokenizers, processors
from tokenizers.models import WordPiece

from beam_jobs.errors import UserError
from vocab.tokenizer_json import BYTE_SPACE
from vocab.vocabulary import SPECIAL_PIECES, Vocabulary

MAX_INPUT_CHARS_PER_WORD = (
    200  # google-research/bert's limit, and that of the corpus jobs; the library's default is 100
)
CONFIG_NAME = "tokenizer_config.json"
TOKENIZER_NAME = "tokenizer.json"


@dataclass(frozen=True)
class TokenizerSettings:
    """The settings that, with the vocabulary, decide the pieces of a text; named as in Hugging Face's BertTokenizer."""

    lower_case: bool
    strip_accents: bool | None = None  # None: only if the text is lower-cased, as in google-research/bert
    tokenize_chinese_chars: bool = True  # every CJK ideograph is a word of its own
    max_input_chars_per_word: int = MAX_INPUT_CHARS_PER_WORD  # a longer word is [UNK]

    @property
    def strips_accents(self) -> bool:
        """Whether accents are stripped."""
        return self.lower_case if self.strip_accents is None else self.strip_accents


def build_tokenizer(vocabulary: Vocabulary, settings: TokenizerSettings, segments: int = 2) -> Tokenizer:
    """BERT's tokenizer as a `tokenizers` pipeline.

    A special piece in the text, such as "[MASK]", becomes that piece. The second of two texts has segment id 1, or 0 if
    the segment table of the model has a single row (`segments`).
    """
    second = min(segments, 2) - 1
    tokenizer = Tokenizer(
        WordPiece(dict(vocabulary.ids), unk_token="[UNK]", max_input_chars_per_word=settings.max_input_chars_per_word)
    )
    tokenizer.add_special_tokens([AddedToken(piece, special=True, normalized=False) for piece in SPECIAL_PIECES])
    tokenizer.normalizer = normalizers.BertNormalizer(
        clean_text=True,
        handle_chinese_chars=settings.tokenize_chinese_chars,
        strip_accents=settings.strip_accents,
        lowercase=settings.lower_case,
    )
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS]:0 $A:0 [SEP]:0",
        pair=f"[CLS]:0 $A:0 [SEP]:0 $B:{second} [SEP]:{second}",
        special_tokens=[("[CLS]", vocabulary.cls_id), ("[SEP]", vocabulary.sep_id)],
    )
    tokenizer.decoder = decoders.WordPiece(prefix="##")
    return tokenizer


def write_tokenizer_files(
    folder: Path, vocabulary: Vocabulary, settings: TokenizerSettings, model_max_length: int, segments: int
) -> None:
    """Write the files into a folder."""
    if vocabulary.tokenizer:
        _write_subword_files(folder, vocabulary, model_max_length, segments)
        return
    build_tokenizer(vocabulary, settings, segments).save(str(folder / TOKENIZER_NAME))
    content = {
        "tokenizer_class": "BertTokenizer",
        "do_lower_case": settings.lower_case,
        "strip_accents": settings.strip_accents,
        "tokenize_chinese_chars": settings.tokenize_chinese_chars,
        "model_max_length": model_max_length,
        **{f"{piece.strip('[]').lower()}_token": piece for piece in SPECIAL_PIECES},
    }
    (folder / CONFIG_NAME).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    (folder / "vocab.txt").write_text("".join(f"{piece}\n" for piece in vocabulary.pieces), encoding="utf-8")


def _write_subword_files(folder: Path, vocabulary: Vocabulary, model_max_length: int, segments: int) -> None:
    tokenizer = json.loads(vocabulary.tokenizer)
    tokenizer |= {"truncation": None, "padding": None}
    (folder / TOKENIZER_NAME).write_text(json.dumps(tokenizer, ensure_ascii=False), encoding="utf-8")
    names, model = vocabulary.special, tokenizer["model"]
    is_byte_level = vocabulary.space == BYTE_SPACE
    content: dict[str, Any] = {
        # AlbertTokenizer of transformers 5 takes the pieces alone from tokenizer.json, and gives no segment ids.
        "tokenizer_class": "RobertaTokenizer" if is_byte_level else "PreTrainedTokenizerFast",
        "model_max_length": model_max_length,
        **{f"{role}_token": name for role, name in names._asdict().items()},
        "bos_token": names.cls,
        "eos_token": names.sep,
    }
    if is_byte_level:
        steps = json.dumps(tokenizer["pre_tokenizer"])
        content["add_prefix_space"] = '"add_prefix_space": true' in steps
        (folder / "vocab.json").write_text(json.dumps(model["vocab"], ensure_ascii=False), encoding="utf-8")
        merges = (merge if isinstance(merge, str) else " ".join(merge) for merge in model["merges"])
        (folder / "merges.txt").write_text(
            "".join(f"{line}\n" for line in ("#version: 0.2", *merges)), encoding="utf-8"
        )
    else:
        content |= {"do_lower_case": vocabulary.lower_case, "keep_accents": "StripAccents" not in vocabulary.tokenizer}
        content["model_input_names"] = ["input_ids", *(["token_type_ids"] if segments > 1 else []), "attention_mask"]
    (folder / CONFIG_NAME).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def read_tokenizer_settings(folder: Path, lower_case: bool | None = None) -> TokenizerSettings:
    """The settings in the tokenizer files of a model folder, which Hugging Face or beambert wrote.

    tokenizer_config.json is read first, then the normalizer in tokenizer.json. A setting that neither has is as in
    google-research/bert. `lower_case` overrides both files.

    Raises:
        UserError: a file cannot be read, nothing says whether the model lower-cases, or the tokenizer is of another
        kind.
    """
    config, tokenizer = _read(folder / CONFIG_NAME), _read(folder / TOKENIZER_NAME)
    if config.get("do_basic_tokenize", True) is not True:
        raise UserError(
            f"{folder / CONFIG_NAME}: do_basic_tokenize is {config['do_basic_tokenize']!r}, which exports here cannot keep; "
            "export the weights with a vocabulary of basic tokens"
        )
    normalizer = tokenizer.get("normalizer") or {}
    if not isinstance(normalizer, dict) or normalizer.get("type", "BertNormalizer") != "BertNormalizer":
        raise UserError(f"{folder / TOKENIZER_NAME}: its normalizer is not BERT's, which exports here cannot keep")
    model = tokenizer.get("model") or {}

    def find(name: str, name_there: str) -> Any:
        found = config.get(name)
        return normalizer.get(name_there) if found is None else found

    lower = find("do_lower_case", "lowercase") if lower_case is None else lower_case
    if not isinstance(lower, bool):
        raise UserError(
            f"{folder / CONFIG_NAME}: does not say whether the model lower-cases; write do_lower_case there, or export "
            "with --lower_case or --no-lower_case"
        )
    strip, chinese = find("strip_accents", "strip_accents"), find("tokenize_chinese_chars", "handle_chinese_chars")
    for name, value in (("strip_accents", strip), ("tokenize_chinese_chars", chinese)):
        if value not in (None, True, False):
            raise UserError(f"{folder / CONFIG_NAME}: {name} is {value!r}; write true or false")
    longest = model.get("max_input_chars_per_word") if isinstance(model, dict) else None
    return TokenizerSettings(
        lower, strip, True if chinese is None else chinese, int(longest or MAX_INPUT_CHARS_PER_WORD)
    )


def first_difference(folder: Path, tokenizer: Tokenizer, texts: Sequence[str]) -> str:
    """The first text for which a folder's tokenizer.json and `tokenizer` differ; empty if none, or no such file."""
    path = folder / TOKENIZER_NAME
    if not path.is_file():
        return ""
    try:
        theirs = Tokenizer.from_file(str(path))
    except Exception as error:  # the library has no exception class of its own
        raise UserError(f"{path}: cannot read the tokenizer ({error}); mend or remove it") from error
    extra = theirs.get_vocab_size() - tokenizer.get_vocab_size()
    if extra > 0:
        raise UserError(
            f"{path}: has {extra} more pieces than vocab.txt (added tokens), which an export would lose; append them to "
            "vocab.txt in the order of their ids"
        )
    theirs.no_truncation()
    theirs.no_padding()
    for text in texts:
        expected, found = (t.encode(text, add_special_tokens=False) for t in (theirs, tokenizer))
        if expected.ids != found.ids:
            return f"{path}: reads {text[:40]!r} as {expected.tokens[:12]}, the export as {found.tokens[:12]}"
    return ""


def _read(path: Path) -> dict[str, Any]:
    """The JSON object in a file; empty when the file is not there."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        raise UserError(f"{path}: cannot read it ({error}); mend or remove it") from error
    if not isinstance(content, dict):
        raise UserError(f"{path}: must hold a JSON object; mend or remove it")
    return content
