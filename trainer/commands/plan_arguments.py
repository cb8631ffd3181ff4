"""What a command line may change in a plan, and in a launch of it: the same for `plan show`, `pretrain` and `distill`."""

import argparse
import dataclasses

from beam_jobs.console.command_parser import add_switch
from beam_jobs.console.warnings import silence_problem
from beam_jobs.errors import UserError, raise_first
from trainer.commands.named_paths import require_folder
from trainer.model.config import HEADS
from trainer.plans.plan import Plan
from trainer.plans.reading import read_plan
from trainer.plans.scale import scale_steps, toy


def add_plan_choices(parser: argparse.ArgumentParser) -> None:
    """The flags; each leaves the plan as it is when it is not given."""
    parser.add_argument(
        "--data",
        nargs="+",
        action="extend",
        default=[],
        metavar="DIR|URI",
        help="outputs of the instances job, or a folder of them; each phase takes the one with its sequence length",
    )
    parser.add_argument(
        "--model_class",
        default="",
        metavar="NAME|FILE",
        help="a built-in class or a model-class file, instead of the plan's",
    )
    parser.add_argument("--init", default="", metavar="PATH", help="start from this checkpoint instead of the plan's")
    parser.add_argument(
        "--allow_missing",
        nargs="+",
        choices=HEADS,
        metavar="|".join(HEADS),
        default=[],
        help="heads that the checkpoint may lack; they begin with random weights, instead of the plan's allow_missing",
    )
    add_training_choices(parser)


def add_silence(parser: argparse.ArgumentParser) -> None:
    """The flag for warnings that are not wanted; `require_warnings` checks it."""
    parser.add_argument(
        "--silence", nargs="+", default=(), metavar="NAME", help="warnings not to give, by the names that they end with"
    )


def require_warnings(arguments: argparse.Namespace) -> None:
    """Raise UserError if `--silence` names what is no warning."""
    if problem := silence_problem(arguments.silence):
        raise UserError(f"--silence {problem}")


def add_training_choices(parser: argparse.ArgumentParser) -> None:
    """The flags that leave data and network as they are."""
    parser.add_argument(
        "--seed", type=int, default=None, metavar="INT", help="of weights, dropout and the order of the data"
    )
    parser.add_argument("--compute_dtype", default="", metavar="bfloat16|float32", help="of activations")
    parser.add_argument(
        "--steps_scale", type=float, default=1.0, metavar="NUMBER", help="all lengths in steps, times this"
    )
    parser.add_argument(
        "--set",
        nargs="+",
        action="extend",
        default=[],
        metavar="KEY=VALUE",
        help="change a key of the plan, as phase.128.batch=2816 or optimizer.weight_decay=0.1; phase.*.batch is that of all phases",
    )
    add_switch(parser, "toy", "the same phases with a tiny network, batch and few steps")


ELSEWHERE = {
    "--batch_size": "the plan has it: --set phase.NAME.batch=256",
    "--batch": "the plan has it: --set phase.NAME.batch=256",
    "--train_batch_size": "the plan has it: --set phase.NAME.batch=256",
    "--learning_rate": "the plan has it: --set phase.NAME.learning_rate.peak=1e-4",
    "--num_train_steps": "the plan has it: --set phase.NAME.steps=100000, or --steps_scale for all phases",
    "--num_warmup_steps": "the plan has it: --set phase.NAME.learning_rate.warmup_steps=10000",
    "--max_seq_length": "the plan has it: --set phase.NAME.sequence_length=128, which the data must have too",
    "--epochs": "the plan has steps: --set phase.NAME.steps=100000; `plan show --data` says how many epochs that is",
    "--optimizer": "the plan has it: --set optimizer.name=adamw",
    "--weight_decay": "the plan has it: --set optimizer.weight_decay=0.01",
}
"""What other trainers have as options, and where it is here."""


def add_launch_options(parser: argparse.ArgumentParser) -> None:
    """The flags of one launch of a run, which change nothing that is computed."""
    parser.add_argument(
        "--max_steps", type=int, default=0, metavar="INT", help="stop and save after this step of the run"
    )
    parser.add_argument(
        "--accumulation", type=int, default=0, metavar="INT", help="micro batches per update, in every phase"
    )
    add_switch(parser, "tensorboard", "write no TensorBoard events", default=True)


def require_launch(arguments: argparse.Namespace) -> None:
    """Raise UserError if a launch has no data, or a negative number."""
    if not arguments.data:
        raise UserError("--data is missing: name the output of the instances job")
    if arguments.max_steps < 0 or arguments.accumulation < 0:
        raise UserError("--max_steps and --accumulation must not be negative")


def require_data(arguments: argparse.Namespace) -> None:
    """Raise UserError if a local folder of data is not there. A run that goes on needs the rest no more."""
    require_folder("--data", arguments.data, "name the output of the instances job")


def chosen_plan(arguments: argparse.Namespace) -> Plan:
    """The plan that a parsed command line names, with its changes; UserError when a change makes no sense."""
    plan = read_plan(arguments.plan, arguments.set)
    model, init = plan.model, plan.init
    if getattr(arguments, "model_class", ""):
        model = dataclasses.replace(model, model_class=arguments.model_class)
    if arguments.compute_dtype:
        model = dataclasses.replace(model, compute_dtype=arguments.compute_dtype)
    if getattr(arguments, "init", ""):
        init = dataclasses.replace(init, checkpoint=arguments.init)
    if getattr(arguments, "allow_missing", ()):
        if not init.checkpoint:
            raise UserError("--allow_missing belongs to a checkpoint to begin with; name one with --init")
        init = dataclasses.replace(init, allow_missing=tuple(arguments.allow_missing))
    seed = plan.seed if arguments.seed is None else arguments.seed
    plan = dataclasses.replace(plan, model=model, init=init, seed=seed)
    for flag, part in (("--compute_dtype", model), ("--seed", plan)):
        raise_first(part.problems(), f"{flag}: ")
    if not 0 < arguments.steps_scale <= 1e9:
        raise UserError(
            f"--steps_scale {arguments.steps_scale} must be above 0, and a number; 0.01 makes a hundredth of the plan"
        )
    if arguments.steps_scale != 1:
        plan = scale_steps(plan, arguments.steps_scale)
        for problems in (plan.problems(), *(phase.problems() for phase in plan.phases)):
            raise_first(problems, f"--steps_scale {arguments.steps_scale}: ")
    return toy(plan) if arguments.toy else plan
