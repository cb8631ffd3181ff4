"""`beambert trainer fill_mask`: fills the gaps of a text with an exported model."""

import argparse
import sys

from beam_jobs.errors import UserError
from trainer.commands.named_paths import require_model

DESCRIPTION = "Show what an exported model puts in the gaps of texts."
EXAMPLES = """\
trainer fill_mask --model exported "Filmen er [MASK] god."
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the model and the texts."""
    parser.add_argument(
        "--model", required=True, metavar="DIR", help="an exported model, or a run's folder that holds one"
    )
    parser.add_argument("--top", type=int, default=5, metavar="INT", help="proposals for each gap (default: 5)")
    parser.add_argument(
        "text", nargs="+", metavar="TEXT", help="a text with at least one [MASK] (of a RoBERTa: <mask>)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Print the proposals for each gap."""
    if arguments.top < 1:
        raise UserError(f"--top {arguments.top} must be at least 1")
    arguments.model = require_model("--model", arguments.model)
    from trainer.export.loaded_model import load_model, untrained_warning

    if warning := untrained_warning(arguments.model):
        print(f"warning: {warning}", file=sys.stderr)
    model = load_model(arguments.model)
    for text in arguments.text:
        for gap, fillings in enumerate(model.fill_mask(text, arguments.top), 1):
            print(f"{text}   gap {gap}")
            for filling in fillings:
                print(f"  {filling.probability:6.1%}  {filling.piece}")
    return 0
