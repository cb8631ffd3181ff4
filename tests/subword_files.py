"""Small vocabularies of byte-level BPE and of SentencePiece's unigram, learned from text that ships with Python."""

import json
import math
from collections import Counter
from pathlib import Path
from pydoc_data.topics import topics

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

ROBERTA = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
ALBERT = ["<pad>", "<unk>", "[CLS]", "[SEP]", "[MASK]"]
TEXT = [" ".join(text.split()) for _, text in sorted(topics.items())[:40]]


def byte_level_tokenizer(size: int = 600) -> Tokenizer:
    """As `transformers` writes RoBERTa's."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    tokenizer.train_from_iterator(
        TEXT,
        trainers.BpeTrainer(vocab_size=size, special_tokens=ROBERTA, initial_alphabet=alphabet, show_progress=False),
    )
    tokenizer.add_special_tokens([AddedToken("<mask>", special=True, normalized=False, lstrip=True)])
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), add_prefix_space=False)
    return tokenizer


def unigram_tokenizer(size: int = 600) -> Tokenizer:
    """As `transformers` writes ALBERT's; with the most frequent words, their halves and all letters as pieces.

    It is not learned, because the library's trainer gives another vocabulary each time.
    """
    words = Counter(word for text in TEXT for word in text.lower().split() if word.isascii())
    pieces: Counter[str] = Counter()
    for word, count in words.items():
        pieces.update({f"▁{word}": count})
        pieces.update({word[len(word) // 2 :]: count // 4})
        pieces.update(Counter(dict.fromkeys({"▁", *word}, count)))
    letters = sorted(piece for piece in pieces if len(piece) == 1)
    others = sorted((p for p in pieces if len(p) > 1), key=lambda p: (-pieces[p], p))[
        : size - len(ALBERT) - len(letters)
    ]
    scored = [(piece, round(math.log(max(pieces[piece], 1) / pieces.total()), 4)) for piece in [*letters, *others]]
    tokenizer = Tokenizer(models.Unigram([*((piece, 0.0) for piece in ALBERT), *scored], 1, False))
    steps = [
        normalizers.NFKD(),
        normalizers.StripAccents(),
        normalizers.Lowercase(),
        normalizers.Replace(Regex(" {2,}"), " "),
    ]
    tokenizer.normalizer = normalizers.Sequence(steps)
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.add_special_tokens([AddedToken(piece, special=True, normalized=False) for piece in ALBERT])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS]:0 $A:0 [SEP]:0",
        pair="[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    return tokenizer


def write_tokenizer(folder: Path, tokenizer: Tokenizer) -> Path:
    """The tokenizer.json in a folder, with the cutting that some publish in it."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.enable_truncation(16)
    path = folder / "tokenizer.json"
    tokenizer.save(str(path))
    tokenizer.no_truncation()
    return path


def write_byte_level_files(folder: Path, tokenizer: Tokenizer) -> Path:
    """vocab.json and merges.txt in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    model = json.loads(tokenizer.to_str())["model"]
    (folder / "vocab.json").write_text(json.dumps(model["vocab"], ensure_ascii=False))
    (folder / "merges.txt").write_text("#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in model["merges"]))
    return folder / "vocab.json"
