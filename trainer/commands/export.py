"""`beambert trainer export`: writes the checkpoint of a run or of another tool in a form that other tools load."""

import argparse
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from beam_jobs import storage
from beam_jobs.console.command_parser import CommandParser, add_switch
from beam_jobs.errors import UserError
from beam_jobs.storage.paths import is_remote
from trainer.commands.named_paths import require_file, require_model, require_run
from trainer.model.config import GELU_ERF, GELU_TANH, HEADS

if TYPE_CHECKING:
    from vocab.vocabulary import Vocabulary

DESCRIPTION = "Write a run's checkpoint, or anybody's, in the form that other tools load, and compare the two."
EXAMPLES = """\
trainer export --run run --output exported
trainer export --run run --output exported_tf --format saved_model
trainer export --checkpoint bert_model.ckpt --output exported
trainer export --run run --output exported --language nb --license cc0-1.0 --push our-library/nb-bert-base
"""
FORMATS = ("hugging_face", "distilbert", "model_garden", "original", "saved_model")
_WITHOUT_TOKENIZER = ("model_garden", "original")


def add_arguments(parser: CommandParser) -> None:
    """Add the source, the form and the output folder."""
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--run", metavar="DIR", help="the --output of a training run")
    source.add_argument(
        "--checkpoint",
        metavar="PATH",
        help="a Hugging Face folder, or an original BERT, original ALBERT or Model Garden checkpoint",
    )
    parser.add_argument(
        "--output",
        required=True,
        metavar="DIR|URI",
        help="folder to write to: a new or empty one, or an earlier export as it was written, which is replaced; at "
        "gs:// or s3:// a new one",
    )
    parser.add_argument(
        "--hidden_act",
        choices=(GELU_ERF, GELU_TANH),
        metavar=f"{GELU_ERF}|{GELU_TANH}",
        help="of --checkpoint, where its config file is wrong: Google's weights were trained with gelu_new",
    )
    parser.add_argument(
        "--allow_missing",
        nargs="+",
        choices=HEADS,
        metavar="|".join(HEADS),
        default=(),
        help="heads that --checkpoint may lack; they are exported untrained, and named",
    )
    parser.add_argument(
        "--format",
        choices=FORMATS,
        default="hugging_face",
        metavar="|".join(FORMATS),
        help="default: hugging_face; distilbert: DistilBertForMaskedLM, for texts of one segment; original: a TensorFlow 1 checkpoint as of google-research/bert or google-research/albert",
    )
    parser.add_argument(
        "--step", type=int, default=None, metavar="INT", help="of the run; default: its newest checkpoint"
    )
    parser.add_argument(
        "--vocab_file",
        default="",
        metavar="FILE",
        help="vocab.txt or tokenizer.json, where the source has none beside it",
    )
    add_switch(
        parser,
        "lower_case",
        "the model lower-cases (default: as trained)",
        default=None,
        help_of_no="the model does not lower-case (default: as trained)",
    )
    parser.take_old_values("lower_case")
    parser.add_argument("--name", default="", metavar="NAME", help="of the model, for its card")
    card = parser.add_argument_group("for the model card, which the hub of Hugging Face reads")
    card.add_argument("--language", default="", metavar="CODE", help="ISO code, such as nb")
    for name, help in (
        ("license", "of the weights, as the hub names it: apache-2.0, cc0-1.0"),
        ("base_model", "on the hub, of the model that the weights began with"),
    ):
        card.add_argument(f"--{name}", default="", metavar="NAME", help=help)
    card.add_argument("--dataset", nargs="+", default=(), metavar="NAME", help="on the hub, that it was trained on")
    card.add_argument(
        "--push",
        default="",
        metavar="NAME",
        help="ORG/NAME on the hub, to upload the folder there too, as the user of `hf auth login` or HF_TOKEN; the repository is "
        "made, private, if it is not there",
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the export, load it and compare it. Prints the largest difference."""
    if not is_remote(arguments.output):
        return _run(arguments)
    from trainer.export.export_folder import MARKER_NAME
    from trainer.export.upload_files import uploaded_folder

    with uploaded_folder(arguments.output, MARKER_NAME) as folder:
        status = _run(argparse.Namespace(**{**vars(arguments), "output": str(folder)}))
    print(f"{arguments.output}: uploaded")
    return status


def _run(arguments: argparse.Namespace) -> int:
    if arguments.run:
        require_run("--run", arguments.run)
    else:
        arguments.checkpoint = require_model("--checkpoint", arguments.checkpoint)
    require_file("--vocab_file", arguments.vocab_file)
    from trainer.export.card_metadata import CardMetadata

    told = CardMetadata(arguments.language, arguments.license, arguments.base_model, tuple(arguments.dataset))
    told.validate()
    if arguments.push:
        from trainer.export.push import require_name

        require_name(arguments.push, arguments.format)
    from trainer.commands.export_source import compare_tokenizers, kept_files, source_of_checkpoint, source_of_run
    from trainer.export.distilbert import parameters_of
    from trainer.export.export_folder import require_free
    from trainer.export.model_card import model_card
    from trainer.export.weight_map import assign_weights
    from trainer.model.bert import build_pretrainer
    from vocab.vocabulary import load_vocabulary

    sources = (arguments.run, arguments.checkpoint, arguments.vocab_file)
    require_free(arguments.output, arguments.format, [source for source in sources if source])
    with_tokenizer = arguments.format not in _WITHOUT_TOKENIZER
    imported, facts = (source_of_run if arguments.run else source_of_checkpoint)(arguments, with_tokenizer)
    vocabulary = str(arguments.vocab_file or facts["vocabulary"])
    if with_tokenizer and not _is_file(vocabulary):
        raise UserError(
            f"{vocabulary}: no such vocabulary; name the vocab.txt that the model was trained with by --vocab_file"
        )
    tokenizer = facts["tokenizer"]
    loaded = load_vocabulary(vocabulary) if with_tokenizer else None
    _require_form(arguments.format, imported.config, vocabulary, loaded)
    if arguments.checkpoint and loaded is not None:
        compare_tokenizers(storage.local_path(arguments.checkpoint), loaded, tokenizer)
    model = build_pretrainer(imported.config)
    assign_weights(model, imported)
    name = arguments.name or arguments.push or storage.local_path(arguments.output).name
    pieces = 0 if loaded is None else len(loaded)
    card = model_card(
        name,
        imported.config,
        lower_case=tokenizer.lower_case,
        told=told,
        corpus_stats=facts["corpus_stats"],
        plan=facts["plan"],
        results=facts["results"],
        origin="" if arguments.run else f"a checkpoint in {imported.layout} layout",
        untrained=facts["untrained"],
        pieces=pieces,
        parameters=parameters_of(imported.config) if arguments.format == "distilbert" else 0,
        mask="[MASK]" if loaded is None else loaded.special.mask,
    )
    beside = kept_files(arguments, loaded) if arguments.checkpoint and arguments.format == "hugging_face" else {}
    difference = _write(arguments, model, imported.config, vocabulary, tokenizer, card, facts["untrained"], beside)
    print(
        f"{imported.describe()}\n{arguments.output}: written as {arguments.format}, read back; largest difference {difference:.2g}"
    )
    rows = imported.config.vocab_size
    if pieces not in (0, rows):
        print(
            f"word table: {rows:,} rows for the {pieces:,} pieces of {vocabulary}; those beyond are padding, and kept"
        )
    if beside:
        print(f"kept as they are: {', '.join(sorted(beside))}")
    left_out = imported.config.family.left_out
    written = ("masked_lm",) if arguments.format == "distilbert" else [head for head in HEADS if head not in left_out]
    if untrained := [head for head in facts["untrained"] if head in written]:
        print(f"not trained, weights at random: {', '.join(untrained)}")
    if arguments.push:
        from trainer.export.push import push

        print(f"{arguments.push}: uploaded, {push(storage.local_path(arguments.output), arguments.push)}")
    return 0


def _write(
    arguments: argparse.Namespace,
    model: Any,
    config: Any,
    vocabulary: str,
    tokenizer: Any,
    card: str,
    untrained: Sequence[str],
    beside: Mapping[str, bytes],
) -> float:
    from trainer.export.hugging_face import save_hugging_face

    def write(folder: str | Path) -> float:
        lower_case = tokenizer.lower_case
        return save_hugging_face(
            model,
            config,
            vocabulary,
            lower_case,
            folder,
            card,
            tokenizer=tokenizer,
            untrained=untrained,
            beside=beside,
        )

    if arguments.format == "model_garden":
        from trainer.export.model_garden import save_model_garden

        return save_model_garden(model, config, arguments.output, untrained)
    if arguments.format == "original":
        from trainer.export.original_bert import save_original_bert

        return save_original_bert(model, config, arguments.output, untrained)
    if arguments.format == "distilbert":
        from trainer.export.distilbert import save_distilbert

        return save_distilbert(model, vocabulary, arguments.output, card, tokenizer=tokenizer, untrained=untrained)
    if arguments.format == "hugging_face":
        return write(arguments.output)
    from trainer.export.export_folder import removed_if_interrupted
    from trainer.export.saved_model import save_saved_model

    with tempfile.TemporaryDirectory() as folder, removed_if_interrupted(folder):
        between = Path(folder) / "model"
        write(between)
        return save_saved_model(between, arguments.output)


def _require_form(form: str, config: Any, vocabulary: str, loaded: "Vocabulary | None") -> None:
    """Raise UserError if a form has no place for a RoBERTa, or for a vocabulary of subwords."""
    from trainer.model.family import ROBERTA

    if config.family is ROBERTA and form != "hugging_face":
        raise UserError(f"--format {form}: there is no such form of a RoBERTa; export it as hugging_face")
    if form in ("saved_model", "distilbert") and loaded is not None and loaded.tokenizer:
        raise UserError(
            f"--format {form}: {vocabulary} holds subwords, and this form has a WordPiece tokenizer; export as hugging_face"
        )


def _is_file(uri: str) -> bool:
    return storage.exists(uri) if is_remote(uri) else storage.local_path(uri).is_file()
