"""`beambert trainer predict`: what a fine-tuned model says of the examples of a file."""

import argparse

from beam_jobs.console.command_parser import CommandParser
from beam_jobs.errors import UserError
from trainer.commands.column_arguments import add_column_arguments
from trainer.commands.named_paths import require_file, require_model
from trainer.commands.prediction_arguments import add_prediction_arguments, prediction_settings

DESCRIPTION = "Predict labels, numbers, tags or answers for the examples of a file with a fine-tuned model."
EXAMPLES = """\
trainer predict --model tuned --input new.jsonl --output predictions.jsonl
trainer predict --model tuned --input questions.json --output answers.jsonl --null_threshold -2
"""


def add_arguments(parser: CommandParser) -> None:
    """Add the model, the files and the columns."""
    parser.add_argument(
        "--model", required=True, metavar="DIR", help="the --output of finetune, or a Hugging Face folder with a head"
    )
    parser.add_argument(
        "--input", required=True, metavar="FILE|URI", help="examples in a format of finetune; they need no labels"
    )
    parser.add_argument(
        "--output",
        required=True,
        metavar="FILE|URI",
        help="one JSON object for each example, in the order of the input: labels by name with probabilities, tags and "
        "entities, or answers with their places",
    )
    add_prediction_arguments(parser)
    add_column_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write the predictions; with labels in the file, print the main score too."""
    arguments.model = require_model("--model", arguments.model)
    require_file("--input", arguments.input)
    from trainer.finetuning.predict import predict
    from trainer.finetuning.run_files import write_json_lines
    from trainer.scores.scores_of import scores_of

    found = predict(arguments.model, arguments.input, prediction_settings(arguments))
    try:
        write_json_lines(arguments.output, found.rows)
    except OSError as error:
        raise UserError(
            f"{arguments.output}: cannot be written to ({error.strerror or error}); name another"
        ) from error
    print(f"{arguments.output}: {len(found.rows):,} predictions")
    if found.predictions.gold is not None and not found.predictions.problem():
        scores = scores_of(found.predictions)
        print(f"{scores['metric']} {scores['scores'][scores['metric']]:.4f} on the labels of {arguments.input}")
    return 0
