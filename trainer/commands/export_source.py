"""What `trainer export` takes from its source besides the weights: vocabulary, tokenizer, facts for the card, files to keep."""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from beam_jobs import storage
from beam_jobs.errors import UserError
from trainer.embeddings.sentence_folder import sentence_files
from trainer.export.load import load_checkpoint
from trainer.export.saved_model import probe_texts
from trainer.export.tokenizer_files import (
    TokenizerSettings,
    build_tokenizer,
    first_difference,
    read_tokenizer_settings,
)
from trainer.finetuning.start import TOKENIZER_FILES
from trainer.run.run_export import run_to_export
from vocab.vocabulary import Vocabulary, load_vocabulary
from vocab.vocabulary_file import FILE_NAMES


def source_of_run(arguments: argparse.Namespace, with_tokenizer: bool) -> tuple[Any, dict[str, Any]]:
    """The weights of a run, and the facts about it. Raises UserError for options that belong to a checkpoint."""
    if arguments.hidden_act or arguments.allow_missing:
        raise UserError("--hidden_act and --allow_missing belong to --checkpoint: a run knows its network and is whole")
    return run_to_export(
        arguments.run,
        arguments.step,
        vocab_file=arguments.vocab_file,
        lower_case=arguments.lower_case,
        with_tokenizer=with_tokenizer,
    )


def source_of_checkpoint(arguments: argparse.Namespace, with_tokenizer: bool) -> tuple[Any, dict[str, Any]]:
    """The weights of a checkpoint, and the facts about it. Raises UserError for options that belong to a run."""
    if arguments.step is not None:
        raise UserError("--step belongs to --run: a foreign checkpoint is one step")
    imported = load_checkpoint(
        arguments.checkpoint, allow_missing=arguments.allow_missing, hidden_act=arguments.hidden_act
    )
    place = storage.local_path(arguments.checkpoint)
    folder = _folder(place)
    lower_case = arguments.lower_case
    vocabulary = next((folder / name for name in FILE_NAMES if (folder / name).is_file()), folder / FILE_NAMES[0])
    if not with_tokenizer:
        tokenizer = TokenizerSettings(bool(lower_case))
    elif vocabulary.name != FILE_NAMES[0] and vocabulary.is_file():
        tokenizer = TokenizerSettings(load_vocabulary(vocabulary).lower_case)
    else:
        tokenizer = read_tokenizer_settings(folder, lower_case)
    facts = {"vocabulary": vocabulary, "tokenizer": tokenizer, "untrained": imported.untrained_heads}
    return imported, {**facts, "corpus_stats": None, "plan": "", "results": None}


def kept_files(arguments: argparse.Namespace, vocabulary: Vocabulary | None) -> Mapping[str, bytes]:
    """The files of a checkpoint's folder that its export as a Hugging Face folder keeps as they are.

    They are what makes a folder one of sentence-transformers, and the tokenizer of a vocabulary of subwords.
    """
    place = storage.local_path(arguments.checkpoint)
    kept = dict(sentence_files(place))
    if vocabulary is not None and vocabulary.tokenizer and not arguments.vocab_file:
        files = {name: _folder(place) / name for name in TOKENIZER_FILES}
        kept |= {name: path.read_bytes() for name, path in files.items() if path.is_file()}
    return kept


def compare_tokenizers(source: Path, vocabulary: Vocabulary, settings: TokenizerSettings) -> None:
    """Warn if the source's tokenizer.json gives other pieces than that of the export."""
    if vocabulary.tokenizer:
        return  # the export has the source's own
    different = first_difference(source, build_tokenizer(vocabulary, settings), probe_texts(vocabulary))
    if different:
        print(f"warning: {different}; look at tokenizer_config.json in both", file=sys.stderr)


def _folder(place: Path) -> Path:
    return place if place.is_dir() else place.parent
