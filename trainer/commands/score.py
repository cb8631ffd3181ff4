"""`beambert trainer score`: the scores of predictions, or of what a model predicts for a labelled file."""

import argparse
from typing import TYPE_CHECKING

from beam_jobs.console.command_parser import add_switch
from beam_jobs.console.nearest import did_you_mean
from beam_jobs.errors import UserError
from trainer.commands.column_arguments import add_column_arguments, chosen_columns
from trainer.commands.prediction_arguments import add_prediction_arguments

if TYPE_CHECKING:
    from trainer.scores.predictions import Predictions

DESCRIPTION = """\
Score predictions against what is right: those of a file, or with --model those that a model makes now.

The rows of the predictions say what they are: labels, numbers, tags or answers. Every score is named with its averaging:
macro is the mean over classes, micro counts all decisions alike, weighted weighs classes by how often they occur.
docs/finetuning.md has every formula."""
EXAMPLES = """\
trainer score --model tuned --input test.jsonl
trainer score --predictions run/predictions/dev.jsonl
trainer score --predictions predicted.jsonl --gold test.jsonl --metric macro_f1 f1:Positive
trainer score --predictions predicted.jsonl --gold test.conll --json
trainer score --predictions predictions.json --null_odds null_odds.json --gold dev-v2.0.json
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the files and what is shown of the scores."""
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument(
        "--model",
        default="",
        metavar="DIR",
        help="predict the examples of --input with this model first, as `trainer predict` does; the scores are those of its file",
    )
    source.add_argument(
        "--predictions",
        default="",
        metavar="FILE|URI",
        help="what `trainer predict` or `trainer finetune` wrote, one JSON object a line; or a predictions.json of SQuAD",
    )
    parser.add_argument("--input", default="", metavar="FILE|URI", help="the labelled file for --model")
    add_prediction_arguments(parser)
    parser.add_argument(
        "--gold",
        default="",
        metavar="FILE|URI",
        help="the labelled file that was predicted; examples are matched by id, not by place (default: the gold that the "
        "predictions carry, if they were made from a labelled file, or that of --input)",
    )
    parser.add_argument(
        "--null_odds",
        default="",
        metavar="FILE|URI",
        help="the null_odds.json beside a predictions.json, for the best threshold of no answer",
    )
    parser.add_argument(
        "--metric",
        nargs="+",
        action="extend",
        default=[],
        metavar="NAME",
        help="show these scores alone: a name of the table, or f1:CLASS, precision:CLASS, recall:CLASS (default: all)",
    )
    add_switch(parser, "json", "print scores.json instead of a table: also the confusion matrix, however large")
    add_column_arguments(parser)


def run(options: argparse.Namespace) -> int:
    """Print the scores."""
    import orjson

    from trainer.commands.gold_labels import with_gold_of
    from trainer.scores.score_table import score_lines
    from trainer.scores.scores_of import scores_of

    predictions, source = _predictions(options)
    if options.gold:
        predictions = with_gold_of(predictions, source, options.gold, chosen_columns(options))
    elif predictions.gold is None:
        missing = "has no labels" if options.model else "carries no gold"
        raise UserError(f"{source} {missing}; name the labelled file by --{'input' if options.model else 'gold'}")
    if problem := predictions.problem():
        raise UserError(f"{source} {problem}; name the file that was predicted by --gold")
    scores = scores_of(predictions)
    known = {**scores["scores"], **_of_classes(scores)}
    for name in options.metric:
        if name not in known:
            remedy = did_you_mean(name, known, otherwise=f"there are {', '.join(scores['scores'])}")
            raise UserError(f"--metric {name} is no score of {scores['kind']} here: {remedy}")
    if options.json:
        shown = {name: known[name] for name in options.metric} if options.metric else scores
        print(orjson.dumps(shown, option=orjson.OPT_INDENT_2).decode())
        return 0
    print(f"{scores['kind']} of {scores['examples']:,} examples")
    for line in score_lines({**scores, "scores": known} if options.metric else scores, options.metric):
        print(line)
    return 0


def _predictions(options: argparse.Namespace) -> "tuple[Predictions, str]":
    """The predictions, read or made, and the file that they are of, for messages."""
    from trainer.scores.read_predictions import predictions_in_lines, read_predictions

    if not options.model:
        belonging = {"--input": options.input, "--batch": options.batch, "--null_threshold": options.null_threshold}
        for name, value in belonging.items():
            if value not in ("", None):
                raise UserError(f"{name} belongs to --model, which predicts; --predictions has predictions already")
        return read_predictions(options.predictions, options.null_odds), options.predictions
    if not options.input:
        raise UserError("--model needs the labelled file that it predicts: name it by --input")
    if options.null_odds:
        raise UserError("--null_odds belongs to --predictions; a model gives its own")
    from trainer.commands.prediction_arguments import prediction_settings
    from trainer.finetuning.predict import predict
    from trainer.finetuning.run_files import json_lines

    rows = predict(options.model, options.input, prediction_settings(options)).rows
    return predictions_in_lines(json_lines(rows), options.input), options.input


def _of_classes(scores: dict) -> dict[str, float | None]:
    return {
        f"{score}:{name}": row[score]
        for name, row in scores.get("per_class", {}).items()
        for score in ("f1", "precision", "recall")
    }
