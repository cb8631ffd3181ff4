"""The table of all commands, for `beambert`, `./run.sh` and `python -m beam_jobs`, `trainer` and `vocab`.

The module of a command is named here, and loaded only when the command is chosen. So a list of commands loads no
module. A module has `DESCRIPTION` and `EXAMPLES` for `--help`, `add_arguments(parser)` and `run(options) -> exit
status`.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Command:
    """One command; `name` is the words that choose it, such as "vocab lint"."""

    name: str
    usage: str
    """The arguments that must follow the name, for lists of commands."""
    help: str
    module: str
    takes_beam_options: bool = False
    """Whether options of an Apache Beam runner may follow."""
    goes_on: bool = False
    """Whether the same command continues after an interruption."""

    @property
    def words(self) -> tuple[str, ...]:
        """The words of the name."""
        return tuple(self.name.split())


_JOBS, _TRAINER = "beam_jobs.commands", "trainer.commands"

COMMANDS = (
    Command(
        "vocabulary",
        "--input TEXT... --output DIR",
        "learn a WordPiece vocabulary",
        f"{_JOBS}.vocabulary",
        takes_beam_options=True,
        goes_on=True,
    ),
    Command(
        "segment",
        "--input RAW... --output DIR",
        "raw documents to sentence shards",
        f"{_JOBS}.segment",
        takes_beam_options=True,
        goes_on=True,
    ),
    Command(
        "instances",
        "--input DIR --output DIR",
        "sentence shards to pretraining instances",
        f"{_JOBS}.instances",
        takes_beam_options=True,
        goes_on=True,
    ),
    Command(
        "corpus",
        "--input RAW... --output DIR",
        "segment and instances in one launch",
        f"{_JOBS}.corpus",
        takes_beam_options=True,
        goes_on=True,
    ),
    Command(
        "embed",
        "--input RAW... --model DIR --output DIR",
        "vectors of the texts of a corpus, as a job",
        f"{_JOBS}.embed",
        takes_beam_options=True,
        goes_on=True,
    ),
    Command(
        "inspect",
        "SHARD_OR_DIR... [--html PAGE]",
        "look at instances, check them, see their distributions",
        f"{_JOBS}.inspect",
    ),
    Command(
        "config show",
        "JOB [--config FILE] [settings]",
        "all settings of a job, and where each comes from, as a file for --config",
        f"{_JOBS}.config_show",
    ),
    Command("vocab lint", "--vocab_file FILE [--text FILE...]", "check a vocabulary", f"{_JOBS}.vocab_lint"),
    Command(
        "vocab fetch",
        "--model_class NAME",
        "download a published vocabulary, checked by its SHA-256",
        f"{_JOBS}.vocab_fetch",
    ),
    Command("trainer plan list", "", "the plans that come with the trainer", f"{_TRAINER}.list_plans"),
    Command("trainer plan copy", "NAME FILE", "a plan in a file of yours, to edit", f"{_TRAINER}.copy_plan"),
    Command("trainer plan show", "NAME", "what a training plan will do", f"{_TRAINER}.show_plan"),
    Command(
        "trainer plan compile",
        "NAME --topology v5e-8",
        "compile a plan for a machine that is not here: fit, traffic, speed",
        f"{_TRAINER}.compile_plan",
    ),
    Command(
        "trainer pretrain",
        "--plan NAME --data DIR... --output DIR",
        "train a plan on instances; the same command continues",
        f"{_TRAINER}.pretrain",
        goes_on=True,
    ),
    Command(
        "trainer finetune",
        "--task TASK --model DIR --train FILE... --dev FILE --output DIR",
        "train a model on labelled texts, words or questions; the same command continues",
        f"{_TRAINER}.finetune",
        goes_on=True,
    ),
    Command(
        "trainer predict",
        "--model DIR --input FILE --output FILE",
        "what a fine-tuned model says of the examples of a file",
        f"{_TRAINER}.predict",
    ),
    Command(
        "trainer distill",
        "--teacher DIR --data DIR... --plan NAME --output DIR",
        "a smaller model learns from a trained one; the same command continues",
        f"{_TRAINER}.distill",
        goes_on=True,
    ),
    Command(
        "trainer embed",
        "--model DIR --input TEXT --output FILE",
        "vectors of texts, words or pieces, from any layers of a model",
        f"{_TRAINER}.embed",
    ),
    Command(
        "trainer serve",
        "--model DIR [--port 8000]",
        "a model behind a port: vectors, predictions, answers, filled gaps",
        f"{_TRAINER}.serve",
    ),
    Command(
        "trainer score",
        "--predictions FILE [--gold FILE]",
        "score predictions: every average by name",
        f"{_TRAINER}.score",
    ),
    Command(
        "trainer compare",
        "--base DIR... --experiment DIR... [--paired]",
        "is one kind of model better than another, over seeds and examples?",
        f"{_TRAINER}.compare",
    ),
    Command(
        "trainer report", "RUN... [--html PAGE]", "what runs did: figures, and a page with curves", f"{_TRAINER}.report"
    ),
    Command(
        "trainer export",
        "--run DIR --output DIR",
        "a run or a checkpoint as a Hugging Face folder or in other forms",
        f"{_TRAINER}.export",
    ),
    Command(
        "trainer fill_mask", '--model DIR "text with [MASK]"', "show an exported model at work", f"{_TRAINER}.fill_mask"
    ),
    Command(
        "completion",
        "SHELL",
        "a script by which bash, zsh or fish completes commands and flags",
        f"{_JOBS}.completion",
    ),
    Command(
        "demo",
        "[--output DIR] [--no-training]",
        "everything once, on a small text that ships with Python",
        f"{_JOBS}.demo",
        goes_on=True,
    ),
)


def chosen_command(arguments: Sequence[str]) -> Command | None:
    """The command that the first words of a command line choose; None if they choose none."""
    return next((command for command in COMMANDS if tuple(arguments[: len(command.words)]) == command.words), None)


def group_of(arguments: Sequence[str]) -> tuple[str, ...]:
    """The longest start of a command line with which the name of a command begins, such as ("trainer", "plan")."""
    group: tuple[str, ...] = ()
    for word in arguments:
        if not commands_below((*group, word)):
            break
        group = (*group, word)
    return group


def commands_below(group: Sequence[str]) -> list[Command]:
    """The commands whose names begin with these words."""
    return [command for command in COMMANDS if command.words[: len(group)] == tuple(group)]


def next_words(group: Sequence[str]) -> list[str]:
    """The words that may come next in a name that begins with these, in the order of the table."""
    return list(dict.fromkeys(command.words[len(group)] for command in commands_below(group)))
