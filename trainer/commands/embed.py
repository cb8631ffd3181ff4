"""`beambert trainer embed`: vectors of the texts of a file, of their words, or of their pieces."""

import argparse
import re
import sys

from beam_jobs.console.command_parser import CommandParser, add_switch
from trainer.commands.named_paths import require_file, require_model

DESCRIPTION = "Write vectors of texts, of their words or of their pieces, from any layer of a model or a mix of layers."
EXAMPLES = """\
trainer embed --model run --input texts.txt --output vectors.parquet
trainer embed --model exported --input reviews.jsonl.gz --output vectors.npy --layers -2 --normalize
trainer embed --model exported --input texts.tsv --text_column body --output words.jsonl --per word --layers -4:-1 --combine concat
"""
_LAYERS_LIKE_NUMBERS = re.compile(r"-\d+([:,]-?\d+)*")


def add_arguments(parser: CommandParser) -> None:
    """Add the model, the files, and what a vector is."""
    from trainer.embeddings.settings import COMBINES, POOLINGS, UNITS

    # argparse would take -4:-1 for a flag; this is what it asks to tell negative numbers from flags
    parser._negative_number_matcher = _LAYERS_LIKE_NUMBERS
    parser.add_argument(
        "--model",
        required=True,
        metavar="DIR|FILE",
        help="the --output of pretrain or finetune, or a Hugging Face, sentence-transformers, Google or Model Garden "
        "checkpoint; what a folder of sentence-transformers says of pooling, length and norm is the default",
    )
    parser.add_argument(
        "--input",
        required=True,
        metavar="FILE|URI",
        help="texts: .txt, one a line; or .jsonl, .json, .tsv, .csv or .parquet; compressed or not",
    )
    parser.add_argument(
        "--output",
        required=True,
        metavar="FILE|URI",
        help=".parquet or .jsonl: for each text, in order, its id, the pieces that were read and cut, and its vectors; .npy: "
        "a float32 matrix, a row for each text",
    )
    parser.add_argument(
        "--per",
        choices=UNITS,
        default="",
        metavar="|".join(UNITS),
        help="what gets a vector (default: text); words end at white space and punctuation; pieces include [CLS] and [SEP]",
    )
    parser.add_argument(
        "--pooling",
        choices=POOLINGS,
        default="",
        metavar="|".join(POOLINGS),
        help="pieces to one vector: their mean (default), the one of [CLS], their maximum, or the output of the trained pooler; "
        "none leaves a vector for each piece. Without fine-tuning, the mean serves best",
    )
    parser.add_argument(
        "--layers",
        default="-1",
        metavar="all|-1|-4:-1",
        help="-1 is the last layer (default), 0 the embeddings; 0,6 names two, -4:-1 the last four, all every one and the "
        "embeddings. Lower layers tell more of words and grammar, the last ones of what was trained",
    )
    parser.add_argument(
        "--combine",
        choices=COMBINES,
        default="",
        metavar="|".join(COMBINES),
        help="several layers to one: the last of them, their mean (default), their sum, or side by side",
    )
    add_switch(
        parser,
        "normalize",
        "vectors of length 1, whose dot product is the cosine",
        default=None,
        help_of_no="vectors as they are (default, unless the model's folder says otherwise)",
    )
    parser.add_argument(
        "--max_seq_length",
        type=int,
        default=0,
        metavar="INT",
        help="longest row of pieces; the ends of longer texts are cut, and counted (default: what the model reads)",
    )
    add_switch(
        parser,
        "lower_case",
        "the model lower-cases; asked where its files do not say it",
        default=None,
        help_of_no="the model does not lower-case",
    )
    parser.add_argument("--batch", type=int, default=32, metavar="INT", help="texts at once (default: 32)")
    group = parser.add_argument_group("columns of a table")
    group.add_argument("--text_column", default="", metavar="NAME", help="the text (default: text, sentence, ...)")
    group.add_argument(
        "--id_column", default="", metavar="NAME", help="the ids (default: id or idx); - to number the rows from 1"
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the vectors, and tell what was cut."""
    arguments.model = require_model("--model", arguments.model)
    require_file("--input", arguments.input)
    from trainer.embeddings.embedder import Embedder
    from trainer.embeddings.rows import cut_remark
    from trainer.embeddings.settings import EmbedSettings
    from trainer.embeddings.texts import read_embed_texts
    from trainer.embeddings.writers import require_writable, write_vectors
    from trainer.examples.files.column_settings import ColumnSettings

    names = ("pooling", "layers", "combine", "per", "normalize", "max_seq_length", "batch", "lower_case")
    settings = EmbedSettings(**{name: getattr(arguments, name) for name in names})
    settings.validate()
    require_writable(arguments.output, settings.unit)
    columns = ColumnSettings(id_column=arguments.id_column, text_column=arguments.text_column)
    found = read_embed_texts(arguments.input, columns)
    embedder = Embedder(arguments.model, settings)
    rows = embedder.rows([example.text for example in found.examples])
    for remark in (*found.remarks, *embedder.remarks, cut_remark(rows, embedder.settings.max_seq_length)):
        if remark:
            print(f"warning: {remark}", file=sys.stderr)
    ids = [example.id for example in found.examples]
    write_vectors(arguments.output, ids, embedder.vectors(rows), embedder.width, embedder.settings.per)
    print(f"{arguments.output}: {len(ids):,} texts, {embedder.settings.told} of {embedder.width:,} numbers")
    return 0
