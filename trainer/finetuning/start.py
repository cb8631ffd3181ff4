"""Reads the model with which fine-tuning begins: its weights, its tokenizer and, if it was fine-tuned, its task."""

import contextlib
import dataclasses
import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from beam_jobs import storage
from beam_jobs.errors import UserError
from trainer.export.finetuned.task_form import TaskForm, read_task_form
from trainer.export.hugging_face import CONFIG_NAME, read_json
from trainer.export.hugging_face_names import layout_of
from trainer.export.load import load_checkpoint
from trainer.export.loaded_model import EXPORT_NAME
from trainer.export.tokenizer_files import TOKENIZER_NAME, TokenizerSettings, read_tokenizer_settings
from trainer.export.weight_map import ImportedModel
from trainer.model.config import HEADS, BertConfig
from trainer.run.run_export import run_to_export
from trainer.run.run_folder import is_finetuned, is_run_folder
from vocab.vocabulary import Vocabulary, load_vocabulary

TOKENIZER_FILES = (
    TOKENIZER_NAME,
    "tokenizer_config.json",
    "special_tokens_map.json",
    "spiece.model",
    "vocab.json",
    "merges.txt",
    "vocab.txt",
)


@dataclass(frozen=True)
class Start:
    """A model to begin with."""

    imported: ImportedModel  # with the heads of pretraining, if it has them
    form: TaskForm | None  # of a fine-tuned model
    tokenizer: Mapping[str, bytes]  # files of TOKENIZER_FILES; tokenizer.json is one of them
    lower_case: bool | None  # None if only the tokenizer itself knows


def read_start(model: str, lower_case: bool | None = None) -> Start:
    """Read a run, a fine-tuned run, or a checkpoint of another tool.

    `lower_case` is asked where the model does not say it. Raises UserError if there is no such model, if it is damaged, or
    if its vocabulary is missing.
    """
    if is_finetuned(model):
        model = storage.join(model, EXPORT_NAME)
    elif is_run_folder(model):
        return _of_run(model, lower_case)
    imported = load_checkpoint(model, allow_missing=HEADS)
    place = storage.local_path(model)
    folder = place if place.is_dir() else place.parent
    form = None
    if (folder / CONFIG_NAME).exists():
        form = read_task_form(read_json(folder / CONFIG_NAME), str(folder / CONFIG_NAME))
    return Start(imported, form, *_tokenizer_of(folder, imported.config, lower_case))


def _of_run(run: str, lower_case: bool | None) -> Start:
    imported, facts = run_to_export(run, None, vocab_file="", lower_case=lower_case, with_tokenizer=True)
    imported = dataclasses.replace(imported, untrained=tuple(facts["untrained"]))
    settings: TokenizerSettings = facts["tokenizer"]
    vocabulary = load_vocabulary(facts["vocabulary"])
    return Start(imported, None, _written_tokenizer(vocabulary, settings, imported.config), settings.lower_case)


def _tokenizer_of(folder: Path, config: BertConfig, lower_case: bool | None) -> tuple[Mapping[str, bytes], bool | None]:
    """The tokenizer's files in a model folder as they are, but for the cutting and padding of a tokenizer.json; or, without
    a tokenizer.json, new ones from vocab.txt."""
    found = {name: (folder / name).read_bytes() for name in TOKENIZER_FILES if (folder / name).is_file()}
    if TOKENIZER_NAME in found and lower_case is None:
        found[TOKENIZER_NAME] = _without_cutting(found[TOKENIZER_NAME], str(folder / TOKENIZER_NAME))
        known = None
        with contextlib.suppress(UserError):  # other normalizers than BERT's have no such setting
            known = read_tokenizer_settings(folder).lower_case
        return found, known
    subwords = next((name for name in ("spiece.model", "vocab.json") if name in found), None)
    if "vocab.txt" not in found and TOKENIZER_NAME not in found and subwords:
        vocabulary = load_vocabulary(folder / subwords)
        written = _written_tokenizer(vocabulary, TokenizerSettings(vocabulary.lower_case), config)
        return {**written, **found}, vocabulary.lower_case
    if "vocab.txt" not in found:
        raise UserError(
            f"{folder}: has neither {TOKENIZER_NAME} nor vocab.txt; put the vocabulary there that the model was trained with"
        )
    settings = read_tokenizer_settings(folder, lower_case)
    return _written_tokenizer(load_vocabulary(folder / "vocab.txt"), settings, config), settings.lower_case


def _without_cutting(content: bytes, path: str) -> bytes:
    """A tokenizer.json that neither cuts nor pads: some cut at the 128 pieces of whoever wrote them."""
    try:
        parsed = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise UserError(f"{path}: cannot be read ({error}); fetch or export it again") from error
    if parsed.get("truncation") is None and parsed.get("padding") is None:
        return content
    return json.dumps({**parsed, "truncation": None, "padding": None}, ensure_ascii=False).encode()


def _written_tokenizer(vocabulary: Vocabulary, settings: TokenizerSettings, config: BertConfig) -> dict[str, bytes]:
    with tempfile.TemporaryDirectory() as folder:
        write = layout_of(config).write_tokenizer
        write(Path(folder), vocabulary, settings, config.longest_text, config.type_vocab_size)
        return {path.name: path.read_bytes() for path in Path(folder).iterdir()}
