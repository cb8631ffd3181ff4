"""`beambert trainer finetune`: trains a model on labelled examples; the same command continues it."""

import argparse

from beam_jobs.console.command_parser import CommandParser, add_switch
from trainer.commands.column_arguments import add_column_arguments, chosen_columns
from trainer.commands.named_paths import require_file, require_model

DESCRIPTION = (
    "Fine-tune a model on labelled texts, pairs, words or questions; the same command continues an interrupted run."
)
EXAMPLES = """\
trainer finetune --task classify --model run --train train.jsonl --dev dev.jsonl --output tuned
trainer finetune --task tag --model run --train train.conll --dev dev.conll --output tagger --seeds 5
trainer finetune --task answer --model run --train train.json --dev dev.json --output reader --learning_rate 5e-5 3e-5
"""


def add_arguments(parser: CommandParser) -> None:
    """Add the task, the files, how to train, and the columns."""
    from trainer.finetuning.settings import CLASS_WEIGHTS, DTYPES, KEEP, TASKS

    parser.add_argument(
        "--task",
        required=True,
        choices=TASKS,
        metavar="|".join(TASKS),
        help="one label for each text; for each pair of texts; a number; a tag for each word; an answer from a context",
    )
    parser.add_argument(
        "--model",
        required=True,
        metavar="DIR|FILE",
        help="where to begin: the --output of pretrain or finetune, or a Hugging Face, Google or Model Garden checkpoint",
    )
    parser.add_argument(
        "--train",
        required=True,
        nargs="+",
        metavar="FILE|URI",
        help=".jsonl, .json, .tsv, .csv or .parquet; to tag also CoNLL and CoNLL-U; to answer SQuAD's JSON; compressed or not",
    )
    parser.add_argument("--dev", required=True, metavar="FILE|URI", help="examples that choose the best epoch")
    parser.add_argument("--test", default="", metavar="FILE|URI", help="examples that are predicted once, at the end")
    parser.add_argument(
        "--output",
        required=True,
        metavar="DIR|URI",
        help="run folder, with scores.json, predictions/ and hugging_face/; of several runs one below it for each",
    )
    task = parser.add_argument_group("the task")
    task.add_argument(
        "--labels",
        nargs="+",
        default=[],
        metavar="NAME",
        help="the labels in the order of the logits (default: the model's, if it knows them all; else those of --train, sorted)",
    )
    add_switch(task, "several_labels", "classify, pairs: any number of labels for each text, a yes or no each")
    task.add_argument(
        "--max_seq_length",
        type=int,
        default=0,
        metavar="INT",
        help="pieces of a row: longer texts are cut, longer sentences and contexts lie in several (default: 128; answer: 384)",
    )
    task.add_argument(
        "--window_overlap",
        type=int,
        default=-1,
        metavar="INT",
        help="pieces that two windows have in common, not the step between them (default: a third of --max_seq_length)",
    )
    task.add_argument(
        "--max_question_length",
        type=int,
        default=0,
        metavar="INT",
        help="pieces; a longer question is cut (default: 64, or a third of --max_seq_length if that is less)",
    )
    task.add_argument(
        "--null_threshold",
        type=float,
        default=0.0,
        metavar="NUMBER",
        help="answer: none if its score is higher by more than this than the best span's (default: 0)",
    )
    train = parser.add_argument_group("training")
    train.add_argument("--batch", type=int, default=32, metavar="INT", help="examples of an update (default: 32)")
    train.add_argument(
        "--learning_rate",
        type=float,
        nargs="+",
        default=[3e-5],
        metavar="NUMBER",
        help="the peak, one or several: a run for each; BERT's authors chose among 5e-5 3e-5 2e-5 (default: 3e-5)",
    )
    train.add_argument("--epochs", type=int, default=3, metavar="INT", help="times over --train (default: 3)")
    train.add_argument(
        "--seeds",
        type=int,
        default=1,
        metavar="INT",
        help="runs for each rate, for mean, deviation and worst: one run says little, 84 to 88 %% on the same data (default: 1)",
    )
    train.add_argument("--seed", type=int, default=0, metavar="INT", help="the first of the seeds (default: 0)")
    train.add_argument(
        "--warmup",
        type=float,
        default=0.1,
        metavar="SHARE",
        help="of the updates, in which the rate rises (default: 0.1)",
    )
    train.add_argument("--weight_decay", type=float, default=0.01, metavar="NUMBER", help="of AdamW (default: 0.01)")
    train.add_argument(
        "--head_dropout", type=float, default=0.1, metavar="SHARE", help="before the head (default: 0.1; answer: none)"
    )
    train.add_argument(
        "--class_weight",
        choices=CLASS_WEIGHTS,
        default="none",
        metavar="|".join(CLASS_WEIGHTS),
        help="of labels or tags; balanced: rare ones count as much as frequent ones (default: none)",
    )
    train.add_argument(
        "--keep",
        choices=KEEP,
        default="best",
        metavar="|".join(KEEP),
        help="the weights of the best epoch, or of the last",
    )
    train.add_argument(
        "--metric",
        default="",
        metavar="NAME",
        help="which score of scores.json chooses (default: macro_f1, pearson, micro_f1, f1)",
    )
    train.add_argument(
        "--patience",
        type=int,
        default=0,
        metavar="INT",
        help="end after so many epochs that were not better (default: never)",
    )
    train.add_argument(
        "--compute_dtype",
        choices=DTYPES,
        default="float32",
        metavar="|".join(DTYPES),
        help="of activations (default: float32)",
    )
    train.add_argument("--accumulation", type=int, default=0, metavar="INT", help="micro batches of an update")
    train.add_argument(
        "--max_steps", type=int, default=0, metavar="INT", help="stop and save after this step of each run"
    )
    add_switch(
        train,
        "lower_case",
        "the model lower-cases (default: as its files say)",
        default=None,
        help_of_no="the model does not lower-case (default: as its files say)",
    )
    add_column_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Train all runs. Returns 0 if they are finished (or at --max_steps), 128 + signal if one was stopped and saved."""
    arguments.model = require_model("--model", arguments.model)
    require_file("--train", *arguments.train)
    require_file("--dev", arguments.dev)
    require_file("--test", arguments.test)
    from trainer.finetuning.runs import finetune
    from trainer.finetuning.settings import FinetuneSettings, TaskSettings
    from trainer.training.loop_state import StopRequestedError

    own = ("several_labels", "max_seq_length", "window_overlap", "max_question_length", "null_threshold")
    shared = (
        *("model", "dev", "test", "output", "lower_case", "batch", "epochs", "seeds", "seed", "warmup", "weight_decay"),
        *("head_dropout", "class_weight", "keep", "metric", "patience", "compute_dtype", "accumulation", "max_steps"),
    )
    settings = FinetuneSettings(
        task=TaskSettings(arguments.task, **{name: getattr(arguments, name) for name in own}),
        columns=chosen_columns(arguments),
        train=tuple(arguments.train),
        labels=tuple(arguments.labels),
        learning_rate=tuple(arguments.learning_rate),
        **{name: getattr(arguments, name) for name in shared},
    )
    try:
        finetune(settings)
    except StopRequestedError as stopped:
        return 128 + stopped.signal
    return 0
