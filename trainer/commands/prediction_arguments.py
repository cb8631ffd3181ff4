"""The arguments of the commands that predict."""

import argparse
from typing import TYPE_CHECKING

from trainer.commands.column_arguments import chosen_columns

if TYPE_CHECKING:
    from trainer.finetuning.predict import PredictSettings

_BATCH = 32


def add_prediction_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what decides how a fine-tuned model predicts."""
    parser.add_argument("--batch", type=int, default=None, metavar="INT", help=f"examples at once (default: {_BATCH})")
    parser.add_argument(
        "--null_threshold",
        type=float,
        default=None,
        metavar="NUMBER",
        help="answer: give none if its score is higher by more than this than that of the best span; scores.json of the run "
        "has the best one on dev (default: 0, or never if the model only learned questions with an answer)",
    )


def prediction_settings(options: argparse.Namespace) -> "PredictSettings":
    """The settings that these arguments and those of columns say."""
    from trainer.finetuning.predict import PredictSettings

    columns = chosen_columns(options)
    batch = _BATCH if options.batch is None else options.batch
    return PredictSettings(columns, batch, options.null_threshold, bool(columns.pair_column))
