"""The tokenizer of an export: tokenizer.json, tokenizer_config.json and vocab.txt, as transformers loads them."""

import json
from pathlib import Path

from tokenizers import AddedToken, Tokenizer, decoders, normalizers, pre_tokenizers, processors
from tokenizers.models import WordPiece

from vocab.errors import UserError
from vocab.vocabulary import SPECIAL_PIECES, Vocabulary

MAX_INPUT_CHARS_PER_WORD = (
    200  # google-research/bert's limit, and that of the corpus jobs; the library's default is 100
)


def build_tokenizer(vocabulary: Vocabulary, *, lower_case: bool, strip_accents: bool | None = None) -> Tokenizer:
    """BERT's tokenizer as a `tokenizers` pipeline; `strip_accents` None means exactly when lower-casing.

    A special piece typed in text, such as [MASK], becomes that piece.
    """
    tokenizer = Tokenizer(
        WordPiece(dict(vocabulary.ids), unk_token="[UNK]", max_input_chars_per_word=MAX_INPUT_CHARS_PER_WORD)
    )
    tokenizer.add_special_tokens([AddedToken(piece, special=True, normalized=False) for piece in SPECIAL_PIECES])
    tokenizer.normalizer = normalizers.BertNormalizer(
        clean_text=True, handle_chinese_chars=True, strip_accents=strip_accents, lowercase=lower_case
    )
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS]:0 $A:0 [SEP]:0",
        pair="[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1",
        special_tokens=[("[CLS]", vocabulary.cls_id), ("[SEP]", vocabulary.sep_id)],
    )
    tokenizer.decoder = decoders.WordPiece(prefix="##")
    return tokenizer


def write_tokenizer_files(
    folder: Path, vocabulary: Vocabulary, *, lower_case: bool, strip_accents: bool | None, model_max_length: int
) -> None:
    """Write the three files into a folder."""
    build_tokenizer(vocabulary, lower_case=lower_case, strip_accents=strip_accents).save(str(folder / "tokenizer.json"))
    content = {
        "tokenizer_class": "BertTokenizer",
        "do_lower_case": lower_case,
        "strip_accents": strip_accents,
        "tokenize_chinese_chars": True,
        "model_max_length": model_max_length,
        **{f"{piece.strip('[]').lower()}_token": piece for piece in SPECIAL_PIECES},
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    (folder / "vocab.txt").write_text("".join(f"{piece}\n" for piece in vocabulary.pieces), encoding="utf-8")


def tokenizer_settings(model_folder: Path) -> tuple[bool, bool]:
    """Whether a model folder's tokenizer lower-cases and whether it strips accents."""
    path = model_folder / "tokenizer_config.json"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        lower_case = content["do_lower_case"]
    except (OSError, ValueError, KeyError) as error:
        raise UserError(f"{path}: cannot tell whether the model lower-cases; write do_lower_case there") from error
    strip_accents = content.get("strip_accents")
    return bool(lower_case), bool(lower_case if strip_accents is None else strip_accents)
