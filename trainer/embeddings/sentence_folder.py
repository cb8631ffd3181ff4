"""Model folders of sentence-transformers: how texts become vectors there, and the files that say so."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from beam_jobs.errors import UserError
from trainer.export.hugging_face import read_json

MODULES_NAME = "modules.json"
LENGTH_NAME = "sentence_bert_config.json"
PROMPTS_NAME = "config_sentence_transformers.json"

_POOLINGS = {"cls_token": "cls", "mean_tokens": "mean", "max_tokens": "max"}
_MODE = "pooling_mode"


@dataclass(frozen=True)
class SentenceFolder:
    """What a folder says of the vectors of texts."""

    network: Path  # the folder of config.json and the weights: the same one, or one in it
    pooling: str  # "mean", "cls" or "max"; "" if it is none of these
    normalize: bool
    max_seq_length: int  # 0: not said
    lower: bool  # whether texts are lower-cased before the tokenizer sees them
    prompt: str  # what is put before each text by default
    unknown: str  # what else makes its vectors, in words; "" if there is nothing


def read_sentence_folder(folder: Path) -> SentenceFolder | None:
    """What modules.json and the files that it names say; None for a folder without it.

    Raises UserError for files that are damaged or missing.
    """
    if not (folder / MODULES_NAME).is_file():
        return None
    modules = _modules(folder)
    if modules[0][0] not in ("Transformer", "BERT"):
        raise UserError(
            f"{folder / MODULES_NAME}: begins with {modules[0][0]}, not with Transformer; name a BERT's folder"
        )
    network = folder / modules[0][1]
    pooling, normalize, unknown = "mean", False, []
    for kind, path in modules[1:]:
        if kind == "Pooling":
            said = _pooling_modes(folder / path / "config.json")
            pooling = _POOLINGS.get(said[0], "") if len(said) == 1 else ""
            unknown += [] if pooling else [f"pooling by {' and '.join(said) or 'nothing'}"]
        elif kind == "Normalize":
            normalize = True
        else:
            unknown.append(f"a module {kind}")
    content = _optional(network / LENGTH_NAME)
    length = content.get("max_seq_length") or 0
    if not isinstance(length, int) or length < 0 or length in (1, 2):
        raise UserError(f"{network / LENGTH_NAME}: max_seq_length is {length!r}; write a number of pieces, 3 or more")
    prompts = _optional(folder / PROMPTS_NAME)
    prompt = str((prompts.get("prompts") or {}).get(prompts.get("default_prompt_name"), ""))
    lower = bool(content.get("do_lower_case"))
    return SentenceFolder(network, pooling, normalize, length, lower, prompt, ", ".join(unknown))


def sentence_files(folder: Path) -> Mapping[str, bytes]:
    """The files by which sentence-transformers knows the folder, by their names in it; none if it is not of its kind.

    They lack what the network itself consists of. A folder whose network lies in a folder of its own is not read.
    """
    if not (folder / MODULES_NAME).is_file():
        return {}
    names = [name for name in (MODULES_NAME, LENGTH_NAME, PROMPTS_NAME) if (folder / name).is_file()]
    for _, path in _modules(folder):
        if path:
            names += sorted(p.relative_to(folder).as_posix() for p in (folder / path).rglob("*") if p.is_file())
    return {name: (folder / name).read_bytes() for name in names}


def _modules(folder: Path) -> list[tuple[str, str]]:
    """The kind and the folder of each module, in their order."""
    file = folder / MODULES_NAME
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        found = [(str(module["type"]).rsplit(".", 1)[-1], str(module["path"])) for module in content]
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise UserError(f"{file}: cannot be read ({error}); fetch the folder again") from error
    for _, path in found:
        if PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts:
            raise UserError(f"{file}: names the folder {path}, which is not inside it; mend it")
    if not found:
        raise UserError(f"{file}: names no modules; fetch the folder again")
    return found


def _pooling_modes(file: Path) -> list[str]:
    """The names of the poolings that are on, such as mean_tokens."""
    content = read_json(file)
    mode = content.get(_MODE)
    if mode is not None:  # as newer versions write it: mean, cls, or several
        names = {ours: theirs for theirs, ours in _POOLINGS.items()}
        return [names.get(str(name), str(name)) for name in (mode if isinstance(mode, list) else [mode])]
    return [name.removeprefix(f"{_MODE}_") for name, on in content.items() if name.startswith(f"{_MODE}_") and on]


def _optional(file: Path) -> dict[str, Any]:
    return read_json(file) if file.is_file() else {}
