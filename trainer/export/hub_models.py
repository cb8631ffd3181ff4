"""Models of the Hugging Face hub by their names: found in the hub's cache on this machine, or fetched by the hub's own client.

The cache is that of `transformers`: see https://huggingface.co/docs/huggingface_hub/guides/manage-cache.
"""

import hashlib
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from beam_jobs.errors import UserError

_WEIGHTS = ("model.safetensors", "model.safetensors.index.json")
_CONFIG = "config.json"
_VOCABULARIES = ("vocab.txt", "tokenizer.json", "spiece.model", "vocab.json")
_FETCHED = (
    *(_CONFIG, "model*.safetensors", "model.safetensors.index.json", "tokenizer_config.json", "merges.txt"),
    *(*_VOCABULARIES, "special_tokens_map.json", "modules.json", "sentence_bert_config.json", "*/config.json"),
)
_NAME = re.compile(r"([A-Za-z0-9][\w.-]*/)?[A-Za-z0-9][\w.-]*")
_LONGEST = 96  # of a name on the hub
_OWNERS = {"bert": "google-bert", "roberta": "FacebookAI", "albert": "albert", "distilbert": "distilbert"}
"""Where models live whose names had no owner once."""


def repository_of(name: str) -> str:
    """The full name of a model on the hub; empty if the text is no name there, has no owner that is known, or is a path here.

    What begins with a folder that is here is a path, whether or not its last part is there.
    """
    family, _, rest = name.partition("-")
    owner = _OWNERS.get(family, "") if rest else ""
    if not _NAME.fullmatch(name) or len(name) > _LONGEST or not ("/" in name or owner):
        return ""
    place = Path(name)
    if place.exists() or Path(f"{name}.index").exists() or ("/" in name and place.parent.is_dir()):
        return ""
    return name if "/" in name else f"{owner}/{name}"


def cached_model(name: str) -> Path | None:
    """The folder of a model in the hub's cache, in its newest revision there; None if it is not there with its weights."""
    for folder in _cached(name):
        if (folder / _CONFIG).is_file() and any((folder / weights).is_file() for weights in _WEIGHTS):
            return folder
    return None


def fetched_model(option: str, name: str) -> Path:
    """`cached_model`, fetched now if it is not there yet. `option` names the flag in errors.

    Raises UserError, with what to put where, if the hub cannot be reached, has no such model, or sent other bytes than it announced.
    """
    found, repository = cached_model(name), repository_of(name)
    if found:
        return found
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HTTPError

    print(f"fetching {repository} from the hub of Hugging Face (once)", file=sys.stderr, flush=True)
    try:
        folder = Path(snapshot_download(repository, allow_patterns=list(_FETCHED)))
    except (HTTPError, OSError, ValueError) as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise UserError(
            f"{option} {name}: no such checkpoint here, nor in the cache of the hub of Hugging Face ({cache_folder()}), nor can it be "
            f"fetched from there ({reason}); {_by_hand(repository)}"
        ) from error
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not _is_as_announced(path):
            path.resolve().unlink()
            raise UserError(f"{option} {name}: {path.name} came damaged and was removed; give the same command again")
    if cached_model(name) is None:
        raise UserError(
            f"{option} {name}: that model has no weights as safetensors on the hub; {_by_hand(repository)}, converted by "
            "transformers' save_pretrained"
        )
    return folder


def cache_folder() -> Path:
    """The folder that the hub's tools keep models in."""
    if cache := os.environ.get("HF_HUB_CACHE") or os.environ.get("HUGGINGFACE_HUB_CACHE"):
        return Path(cache)
    home = os.environ.get("HF_HOME")
    above = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return (Path(home) if home else above / "huggingface") / "hub"


def _cached(name: str) -> Iterator[Path]:
    """Folders of revisions that the cache may have of a model."""
    for repository in dict.fromkeys((repository_of(name), name)):
        place = cache_folder() / f"models--{repository.replace('/', '--')}"
        if repository and _NAME.fullmatch(repository) and (place / "refs" / "main").is_file():
            yield place / "snapshots" / (place / "refs" / "main").read_text().strip()


def _is_as_announced(path: Path) -> bool:
    """Whether a file has the digest that its blob is named by: SHA-256 of large files, that of git of small ones."""
    wanted = path.resolve().name
    if not re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", wanted):
        return True
    size = path.stat().st_size
    digest = hashlib.sha256() if len(wanted) == 64 else hashlib.sha1(f"blob {size}\0".encode(), usedforsecurity=False)
    with path.open("rb") as file:
        while part := file.read(1 << 20):
            digest.update(part)
    return digest.hexdigest() == wanted


def _by_hand(repository: str) -> str:
    return (
        f"put config.json, model.safetensors and the vocabulary ({' or '.join(_VOCABULARIES[:3])}) of "
        f"https://huggingface.co/{repository} into a folder, and name that folder"
    )
