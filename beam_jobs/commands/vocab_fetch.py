"""`beambert vocab fetch`: a published vocabulary, for a machine without network too."""

import argparse

from vocab.fetch import fetch_vocabulary
from vocab.model_class import built_in_names, load_model_class

DESCRIPTION = "Fetch the vocabulary of a model class once, check its SHA-256, keep it, and print where it lies."
EXAMPLES = """\
vocab fetch --model_class bert_base_cased --vocab_dir vocabularies
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the model class, and the folder to keep its vocabulary in."""
    parser.add_argument(
        "--model_class", required=True, metavar="NAME|FILE", help=f"a .json file, or {', '.join(built_in_names())}"
    )
    parser.add_argument(
        "--vocab_dir", default="", metavar="DIR", help="folder to keep it in (default: the user's cache)"
    )


def run(options: argparse.Namespace) -> int:
    """Print the path of the vocabulary."""
    print(fetch_vocabulary(load_model_class(options.model_class), options.vocab_dir))
    return 0
