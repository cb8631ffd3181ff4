"""`beambert trainer serve`: a model behind a port."""

import argparse

from beam_jobs.console.command_parser import CommandParser, add_switch
from beam_jobs.errors import UserError
from trainer.commands.named_paths import require_model

DESCRIPTION = """\
Serve a model over HTTP: vectors, predictions, answers, fillings; in JSON, on this machine only unless --host says otherwise.
Which endpoints there are follows from the model: /v1/embeddings (OpenAI's form), /embed (text-embeddings-inference's),
/encode (bert-as-service's) and /tokenize for every model, /fill_mask for one with a trained masked-LM head, /predict or
/answer for a fine-tuned one. / is a page to try it, /docs lists fields and errors, /health, /info and /metrics are for operators.
Texts of concurrent requests are batched. SIGTERM and Ctrl-C answer what was accepted, then end."""
EXAMPLES = """\
trainer serve --model exported
trainer serve --model tuned --port 9000 --only predict
trainer serve --model exported --host 0.0.0.0 --api_key_env BERT_KEY
"""


def add_arguments(parser: CommandParser) -> None:
    """Add the model, the address and the limits."""
    from trainer.embeddings.settings import POOLINGS
    from trainer.serving.settings import ABILITIES

    parser.add_argument(
        "--model",
        required=True,
        metavar="DIR|FILE",
        help="the --output of pretrain or finetune, or a Hugging Face, sentence-transformers, Google or Model Garden checkpoint",
    )
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        metavar="ADDRESS",
        help="where to listen: 127.0.0.1 (default) is for programs of this machine, 0.0.0.0 for every network; then give a key",
    )
    parser.add_argument("--port", type=int, default=8000, metavar="INT", help="default: 8000; 0 takes one that is free")
    parser.add_argument(
        "--api_key_env",
        default="",
        metavar="NAME",
        help="the environment variable that holds a key; requests must then say Authorization: Bearer KEY",
    )
    parser.add_argument(
        "--only",
        nargs="+",
        default=(),
        metavar="|".join(ABILITIES),
        help="serve only these, and refuse a model without what they need (default: all that it has); fewer start faster",
    )
    group = parser.add_argument_group("limits: what is more is refused, so that memory stays bounded")
    group.add_argument(
        "--max_batch_tokens",
        type=int,
        default=16384,
        metavar="INT",
        help="pieces that go through the network together, padding included (default: 16384)",
    )
    group.add_argument(
        "--max_queue",
        type=int,
        default=512,
        metavar="INT",
        help="texts that wait, and requests in work; beyond, requests get 429 with Retry-After (default: 512)",
    )
    group.add_argument("--max_texts", type=int, default=256, metavar="INT", help="texts of a request (default: 256)")
    group.add_argument(
        "--max_body", type=int, default=2_000_000, metavar="INT", help="bytes of a request (default: 2000000)"
    )
    group = parser.add_argument_group("vectors, as of trainer embed")
    group.add_argument(
        "--pooling",
        choices=[name for name in POOLINGS if name != "none"],
        default="",
        metavar="mean|cls|max|pooler",
        help="pieces to one vector (default: what a folder of sentence-transformers says, or the mean)",
    )
    add_switch(
        group,
        "normalize",
        "vectors of length 1; /embed has a field of its own",
        default=None,
        help_of_no="vectors as they are (default, unless the model's folder says otherwise)",
    )
    group.add_argument(
        "--max_seq_length",
        type=int,
        default=0,
        metavar="INT",
        help="longest row of pieces; longer texts are refused, or cut if a request says truncate (default: what the model reads)",
    )
    add_switch(
        group,
        "lower_case",
        "the model lower-cases; asked where its files do not say it",
        default=None,
        help_of_no="the model does not lower-case",
    )


def run(arguments: argparse.Namespace) -> int:
    """Serve until a signal says to stop."""
    arguments.model = require_model("--model", arguments.model)
    from trainer.embeddings.settings import EmbedSettings
    from trainer.serving.settings import ServeSettings

    embed = EmbedSettings(
        **{name: getattr(arguments, name) for name in ("pooling", "normalize", "max_seq_length", "lower_case")}
    )
    names = ("model", "host", "port", "max_batch_tokens", "max_queue", "max_texts", "max_body", "api_key_env")
    settings = ServeSettings(
        **{name: getattr(arguments, name) for name in names}, abilities=tuple(arguments.only), embed=embed
    )
    settings.validate()
    try:
        from trainer.serving.serve import serve
    except ModuleNotFoundError as error:
        if error.name not in ("starlette", "uvicorn", "anyio"):
            raise
        raise UserError(f"{error.name} is not installed; pip install 'beambert[serve]' has what serve needs") from error
    return serve(settings, lambda line: print(line, flush=True))
