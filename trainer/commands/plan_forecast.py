"""What a plan will do, printed before it does it: steps, tokens, epochs, learning rates, memory, devices, hours."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from trainer.data.corpus_folder import CorpusFolder
from trainer.devices.hardware import Device, find_device
from trainer.devices.memory import Need, choose_accumulation, estimate_memory
from trainer.model.config import BertConfig
from trainer.model.size import flops_per_step, parameter_count, pretraining_heads
from trainer.optim.schedule import learning_rate
from trainer.optim.state_size import STATE_BYTES_PER_WEIGHT
from trainer.plans.plan import Phase, Plan
from trainer.run.metrics import short_number

ASSUMED_MFU = 0.4
COMPARED = (("TPU v3 core", 8), ("TPU v5e", 8), ("A100", 8), ("H100", 1), ("H100", 8))


@dataclass(frozen=True)
class Target:
    """The devices a plan is looked at for."""

    kind: str
    count: int
    memory: float | None  # bytes of one device
    mfu: float = ASSUMED_MFU

    @property
    def device(self) -> Device | None:
        """The device's published figures."""
        return find_device(self.kind)


def landmarks(phase: Phase) -> list[tuple[int, float]]:
    """Steps of a phase at which its learning rate is worth a look, and the rate there; without repeats."""
    rate = phase.learning_rate
    decay_end = (rate.warmup_steps if rate.decay_from == "warmup_end" else 0) + rate.decay_steps
    steps = {0, rate.warmup_steps, phase.steps // 2, phase.steps - 1}
    if rate.decay_steps and decay_end < phase.steps:
        steps.add(decay_end)
    return [(step, learning_rate(rate, phase.steps, step)) for step in sorted(steps)]


def hours(config: BertConfig, phases: Iterable[Phase], device: Device, count: int, mfu: float) -> float:
    """Hours of pure training at a share `mfu` of the devices' peak."""
    flops = sum(
        flops_per_step(config, pretraining_heads(config, p.predictions), p.batch, p.sequence_length) * p.steps
        for p in phases
    )
    return flops / (device.flops * count * mfu) / 3600


def print_forecast(
    plan: Plan,
    config: BertConfig,
    model_name: str,
    folders: Sequence[CorpusFolder | None],
    target: Target,
    console: Console,
) -> None:
    """Print the plan. Raises UserError for a batch that the target's devices cannot share or hold."""
    console.print(f"[bold]{plan.name}[/bold]  {plan.description}", highlight=False)
    shape = f"L{config.num_hidden_layers} H{config.hidden_size} A{config.num_attention_heads}"
    parameters = parameter_count(config, pretraining_heads(config))
    start = f"from {plan.init.checkpoint}" if plan.init.checkpoint else f"random weights, seed {plan.seed}"
    console.print(
        f"model   {model_name}: {shape}, {config.vocab_size:,} pieces, {parameters / 1e6:.1f} M parameters, "
        f"{config.hidden_act}, {plan.model.compute_dtype}{', rematerialised' if plan.model.rematerialise else ''}\n"
        f"start   {start}\n"
        f"devices {target.count} x {target.kind}",
        highlight=False,
    )
    console.print(_phase_table(plan, config, folders, target))
    console.print("split: devices x rows x micro batches; GB: memory a device needs, estimated", highlight=False)
    for phase in plan.phases:
        console.print(f"learning rate of {phase.name} ({phase.optimizer.name}): {_rates(phase)}", highlight=False)
    console.print(_closing(plan, config, target), highlight=False)


def _phase_table(plan: Plan, config: BertConfig, folders: Sequence[CorpusFolder | None], target: Target) -> Table:
    table = Table(box=None, pad_edge=False)
    for name in ("phase", "length", "batch", "steps", "instances", "tokens", "epochs", "split", "GB", "hours"):
        table.add_column(name, justify="left" if name == "phase" else "right", no_wrap=True)
    for phase, folder in zip(plan.phases, folders, strict=True):
        state_bytes = STATE_BYTES_PER_WEIGHT[phase.optimizer.name]
        need = Need(config, plan.model, pretraining_heads(config, phase.predictions), state_bytes)
        micro_batches = choose_accumulation(need, phase, target.count, target.memory)
        rows = phase.batch // (micro_batches * target.count)
        memory = estimate_memory(need, phase, micro_batches, target.count).total / 1e9
        instances = phase.batch * phase.steps
        there = folder.instances(folder.train_split) if folder else None
        table.add_row(
            phase.name,
            str(phase.sequence_length),
            f"{phase.batch:,}",
            f"{phase.steps:,}",
            short_number(instances),
            short_number(instances * phase.sequence_length),
            f"{instances / there:.2f}" if there else "-",
            f"{target.count} x {rows} x {micro_batches}",
            f"{memory:.1f}",
            f"{hours(config, [phase], target.device, target.count, target.mfu):,.1f}" if target.device else "-",
        )
    return table


def _rates(phase: Phase) -> str:
    return ", ".join(f"{rate:.3g} at {step:,}" for step, rate in landmarks(phase))


def _closing(plan: Plan, config: BertConfig, target: Target) -> str:
    flops = hours(config, plan.phases, Device("", (), 1.0, 0), 1, 1.0) * 3600
    text = f"in all  {plan.steps:,} steps, {short_number(flops)}FLOP; checkpoints kept: {_kept(plan)}\n"
    if target.device:
        own = hours(config, plan.phases, target.device, target.count, target.mfu)
        text += f"hours   {own:,.1f} on {target.count} x {target.device.name} at {target.mfu:.0%} of its peak\n"
    others = []
    for name, count in COMPARED:
        device = find_device(name)
        assert device is not None
        others.append(f"{count} x {name}: {hours(config, plan.phases, device, count, target.mfu):,.1f}")
    return text + f"hours at {target.mfu:.0%} of peak elsewhere: {'; '.join(others)}"


def _kept(plan: Plan) -> str:
    rules = [
        f"every {rule.every:,}"
        + (f" after {rule.after:,}" if rule.after else "")
        + (f" to {rule.until:,}" if rule.until else "")
        for rule in plan.checkpoint.keep
    ]
    ends = ["the end of each phase"] if plan.checkpoint.keep_phase_ends else []
    return ", ".join([*rules, *ends, f"the last {plan.checkpoint.keep_last}"])
