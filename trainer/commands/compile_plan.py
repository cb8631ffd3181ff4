"""`beambert trainer plan compile`: compiles a plan's training steps for a machine that is not here."""

import argparse
import importlib.util
import os
from pathlib import Path

from beam_jobs.errors import UserError
from trainer.commands.plan_arguments import add_plan_choices, chosen_plan

DESCRIPTION = (
    "Compile a plan's training steps for a TPU or a GPU that is not here: does it fit, what is sent, how fast."
)
EXAMPLES = """\
trainer plan compile notram_mbert --topology v5e-8
trainer plan compile pod --topology v5e:4x8 --slices 2
trainer plan compile original_bert --device H100
"""
ASSUMED_PIECES = 30_000  # size of a vocabulary that is known only from the data
TPU_REMEDY = 'pip install -c requirements.lock -e ".[trainer,tpu]"'
GPU_REMEDY = 'pip install -c requirements.lock -e ".[trainer,cuda]"'
_ENVIRONMENT = {
    "TPU_SKIP_MDS_QUERY": "1",  # there is no metadata server
    "ALLOW_MULTIPLE_LIBTPU_LOAD": "1",  # otherwise a second process ends at once
    "TPU_WORKER_HOSTNAMES": "localhost",
    "TPU_WORKER_ID": "0",
    "TPU_ACCELERATOR_TYPE": "v5litepod-8",  # any one; the compiler takes the topology that it is asked for
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the plan, its changes, and the machine to compile for."""
    parser.add_argument("plan", metavar="NAME|FILE", help="see `trainer plan list`; or a .toml file")
    machine = parser.add_mutually_exclusive_group(required=True)
    machine.add_argument(
        "--topology",
        metavar="NAME",
        help="a TPU slice: v5e-8, v4-32, v3-8, v5p-16, v6e-64, tpu7x-8, or its chips, v5e:2x4",
    )
    machine.add_argument("--device", metavar="NAME", help="a GPU: A100, H100, H200 or L4")
    parser.add_argument(
        "--slices",
        type=int,
        default=1,
        metavar="INT",
        help="so many of these slices, joined by the network of their hosts",
    )
    parser.add_argument("--devices", type=int, default=1, metavar="INT", help="so many of these GPUs in one machine")
    parser.add_argument(
        "--accumulation",
        type=int,
        default=0,
        metavar="INT",
        help="micro batches per update, in every phase; default: as few as memory allows by estimate",
    )
    parser.add_argument(
        "--layers",
        type=int,
        default=0,
        metavar="INT",
        help="of the network, instead of the plan's; fewer compile sooner",
    )
    parser.add_argument(
        "--figures", default="", metavar="FILE", help="add the figures to this file too, one JSON object for each phase"
    )
    add_plan_choices(parser)


def run(arguments: argparse.Namespace) -> int:
    """Compile and print."""
    from trainer.backend import require_jax
    from trainer.compilation.gpu_node import gpu_node
    from trainer.compilation.tpu_slice import tpu_slice

    plan = chosen_plan(arguments)
    if min(arguments.accumulation, arguments.layers) < 0:
        raise UserError("--accumulation and --layers must not be negative")
    machine = (
        tpu_slice(arguments.topology, arguments.slices)
        if arguments.topology
        else gpu_node(arguments.device, arguments.devices)
    )
    require_jax("plan compile")
    _require("libtpu" if arguments.topology else "jax_plugins.xla_cuda13", arguments)
    os.environ["JAX_PLATFORMS"] = "cpu"  # the devices are described, not looked for
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"  # XLA's alarm about slow compilation; we say ourselves that it goes on
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)

    import dataclasses
    import json
    import logging

    from trainer.compilation.compile_plan import compile_plan
    from trainer.compilation.compile_step import devices_of
    from trainer.compilation.report import as_json, lines
    from trainer.compilation.stored_figures import network_name, versions
    from trainer.data.corpus_folder import find_folders, fit_phase, folder_for
    from trainer.devices.runtime import JaxRuntime
    from trainer.distillation.student import assumed_networks
    from trainer.run.model_source import model_source

    folders = find_folders(arguments.data)
    source = model_source(plan.model, folders, ASSUMED_PIECES)
    if folders:
        chosen = [folder_for(phase, folders) for phase in plan.phases]
        source = source.fitted_to(chosen)
        plan = plan.with_phases(fit_phase(phase, folder) for phase, folder in zip(plan.phases, chosen, strict=True))
    config, teacher = assumed_networks(plan, source.config)
    if arguments.layers:
        config = dataclasses.replace(config, num_hidden_layers=arguments.layers)
    print(f"{plan.name} on {machine}; compiled, not run")
    runtime = JaxRuntime(devices_of(machine), shard_moments=plan.model.shard_moments)
    say = logging.getLogger("trainer").info
    for compiled in compile_plan(plan, config, machine, runtime, say, arguments.accumulation, teacher):
        print("\n".join(lines(compiled)), flush=True)
        if arguments.figures:
            with Path(arguments.figures).open("a", encoding="utf-8") as file:
                print(json.dumps(as_json(compiled, plan.name, network_name(config, plan.model), versions())), file=file)
    return 0


def _require(module: str, arguments: argparse.Namespace) -> None:
    """Raise UserError, with the command that installs it, if the compiler of the machine is not installed."""
    try:
        found = importlib.util.find_spec(module)
    except ModuleNotFoundError:
        found = None
    if found is None:
        option, remedy = ("--topology", TPU_REMEDY) if arguments.topology else ("--device", GPU_REMEDY)
        what = "libtpu" if arguments.topology else "JAX's CUDA plug-in"
        raise UserError(f"{option} needs {what}, which is not installed; for it: {remedy}")
