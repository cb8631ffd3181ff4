"""Model folders that transformers has saved, given a vocabulary, and the texts that they are compared on."""

import json
import shutil
from pathlib import Path

SAVED = Path(__file__).parent.parent / "export" / "golden"
GOLDEN_MODELS = ("bert", "albert")
PIECES = (
    *("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "cat", "sat", "on", "mat", ".", "a", "tree", "##s", "##ing"),
    *("s", "e", "##e", "##n", "i", "##t", "x", "!", "?"),
)
TEXTS = (
    "the cat sat on the mat .",
    "trees",
    "",
    "a seen cat sating on mats !",
    "the cat sat on the mat . the cat sat on the mat . the cat sat",  # 17 pieces and two special ones; 16 are read
)


def golden_folder(name: str, folder: Path) -> Path:
    """The model with a vocabulary of its size, 24 pieces, in `folder`."""
    for file in ("config.json", "model.safetensors"):
        shutil.copy(SAVED / name / file, folder / file)
    (folder / "vocab.txt").write_text("".join(f"{piece}\n" for piece in PIECES), encoding="utf-8")
    (folder / "tokenizer_config.json").write_text(json.dumps({"do_lower_case": False}))
    return folder


def sentence_folder(folder: Path, pooling: str = "pooling_mode_mean_tokens", length: int | None = 8) -> Path:
    """The BERT as a folder of sentence-transformers, whose vectors have length 1."""
    golden_folder("bert", folder)
    kinds = [("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize")]
    modules = [
        {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for i, (path, kind) in enumerate(kinds)
    ]
    (folder / "modules.json").write_text(json.dumps(modules))
    (folder / "1_Pooling").mkdir()
    modes = {f"pooling_mode_{name}": False for name in ("cls_token", "mean_tokens", "max_tokens", "lasttoken")}
    content = {"word_embedding_dimension": 8, **modes, pooling: True}
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(content))
    (folder / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": length, "do_lower_case": False}))
    return folder
