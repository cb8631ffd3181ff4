"""What a plan will do, printed before it does it: steps, tokens, epochs, learning rates, memory, devices, hours."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from trainer.compilation.stored_figures import Figures, figures_of, network_name
from trainer.data.corpus_folder import CorpusFolder
from trainer.devices.hardware import Device, find_device, platform_of
from trainer.devices.memory import Need, choose_accumulation, estimate_memory, padded_rows
from trainer.model.config import BertConfig
from trainer.model.size import HeadSize, flops_per_step, parameter_count, pretraining_heads
from trainer.optim.schedule import learning_rate
from trainer.optim.state_size import STATE_BYTES_PER_WEIGHT
from trainer.plans.distillation import TEACHER
from trainer.plans.plan import Phase, Plan
from trainer.run.metrics import short_number

ASSUMED_MFU = 0.4
COMPARED = (("TPU v3 core", 8), ("TPU v5e", 8), ("A100", 8), ("H100", 1), ("H100", 8))


@dataclass(frozen=True)
class Target:
    """The devices a plan is looked at for."""

    kind: str
    count: int
    memory: float | None  # bytes of one device that a program may use
    mfu: float = 0.0  # share of the peak to reckon with; 0: as the compiler says, or ASSUMED_MFU
    teacher: BertConfig | None = None  # the network that they hold beside that of a plan of distillation

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


def flops_of(plan: Plan, config: BertConfig, target: Target) -> int:
    """FLOPs of all phases of a plan."""
    return sum(
        flops_per_step(config, _heads(plan, phase, config, target), phase.batch, phase.sequence_length) * phase.steps
        for phase in plan.phases
    )


def _heads(plan: Plan, phase: Phase, config: BertConfig, target: Target) -> HeadSize:
    if plan.distillation and target.teacher:
        from trainer.tasks.distillation import distillation_heads  # imports Keras, which takes seconds

        return distillation_heads(config, target.teacher, plan.distillation, phase)
    return pretraining_heads(config, phase.predictions)


@dataclass(frozen=True)
class Speed:
    """The share of a device's peak that is reckoned with, and what is known of it."""

    mfu: float
    figures: Figures | None  # the compiler's, of the same phase, or of one that is near
    exact: bool = False  # whether they are of the same phase on the same devices
    given: bool = False  # by the user


def speed_of(phase: Phase, network: str, device: Device, count: int, given: float = 0.0) -> Speed:
    """The share that is given; otherwise the compiler's; otherwise a guess."""
    figures, exact = figures_of(phase, network, device.name, count)
    if given:
        return Speed(given, figures, exact, given=True)
    return Speed((figures.mfu if figures else None) or ASSUMED_MFU, figures, exact)


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
    if plan.distillation and plan.distillation.start == TEACHER:
        start = "layers of the teacher, its tables and its masked-LM head"
    console.print(
        f"model   {model_name}: {shape}, {config.vocab_size:,} pieces, {parameters / 1e6:.1f} M parameters, "
        f"{config.hidden_act}, {plan.model.compute_dtype}{', rematerialised' if plan.model.rematerialise else ''}"
        f"{', sharded moments' if plan.model.shard_moments else ''}\n"
        f"start   {start}\n{_teacher(plan, target)}"
        f"devices {target.count} x {target.kind}",
        highlight=False,
    )
    console.print(_phase_table(plan, config, folders, target))
    console.print("split: devices x rows x micro batches; GB: memory a device needs, estimated", highlight=False)
    for line in _notes(plan, config, target):
        console.print(line, highlight=False)
    for phase in plan.phases:
        console.print(f"learning rate of {phase.name} ({phase.optimizer.name}): {_rates(phase)}", highlight=False)
    console.print(_closing(plan, config, target), highlight=False)


def _phase_table(plan: Plan, config: BertConfig, folders: Sequence[CorpusFolder | None], target: Target) -> Table:
    table = Table(box=None, pad_edge=False)
    for name in ("phase", "length", "batch", "steps", "instances", "tokens", "epochs", "split", "GB", "hours"):
        table.add_column(name, justify="left" if name == "phase" else "right", no_wrap=True)
    for phase, folder in zip(plan.phases, folders, strict=True):
        need = _need(plan, phase, config, target)
        micro_batches = _micro_batches(plan, phase, config, target)
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
            f"{_hours_of(plan.with_phases([phase]), config, target.device, target):,.1f}" if target.device else "-",
        )
    return table


def _rates(phase: Phase) -> str:
    return ", ".join(f"{rate:.3g} at {step:,}" for step, rate in landmarks(phase))


def _closing(plan: Plan, config: BertConfig, target: Target) -> str:
    flops = short_number(flops_of(plan, config, target))
    text = f"in all  {plan.steps:,} steps, {flops}FLOP; checkpoints kept: {_kept(plan)}\n"
    if target.device:
        own = _hours_of(plan, config, target.device, target)
        text += f"hours   {own:,.1f} on {target.count} x {target.device.name}\n"
    others = []
    for name, count in COMPARED:
        device = find_device(name)
        assert device is not None
        elsewhere = Target(name, count, None, target.mfu, target.teacher)
        others.append(f"{count} x {name}: {_hours_of(plan, config, device, elsewhere):,.1f}")
    basis = (
        f"at {target.mfu:.0%} of peak" if target.mfu else f"by the compiler's figures, or at {ASSUMED_MFU:.0%} of peak"
    )
    return text + f"hours elsewhere, {basis}: {'; '.join(others)}"


def _need(plan: Plan, phase: Phase, config: BertConfig, target: Target) -> Need:
    state_bytes = STATE_BYTES_PER_WEIGHT[phase.optimizer.name]
    heads, platform = _heads(plan, phase, config, target), platform_of(target.kind)
    return Need(config, plan.model, heads, state_bytes, platform, target.kind)


def _teacher(plan: Plan, target: Target) -> str:
    """The line about the teacher; empty without one."""
    config = target.teacher
    if not plan.distillation or config is None:
        return ""
    size = parameter_count(config, pretraining_heads(config))
    return (
        f"teacher L{config.num_hidden_layers} H{config.hidden_size} A{config.num_attention_heads}, {size / 1e6:.1f} M parameters, "
        f"as is assumed: its weights ({4 * size / 1e9:.1f} GB on every device) and its forward pass are counted\n"
    )


def _micro_batches(plan: Plan, phase: Phase, config: BertConfig, target: Target) -> int:
    return choose_accumulation(_need(plan, phase, config, target), phase, target.count, target.memory)


def _hours_of(plan: Plan, config: BertConfig, device: Device, target: Target) -> float:
    """Hours of all phases, each at its own speed."""
    network = network_name(config, plan.model)
    speeds = [speed_of(phase, network, device, target.count, target.mfu) for phase in plan.phases]
    return sum(
        flops_of(plan.with_phases([phase]), config, target) / (device.flops * target.count * speed.mfu) / 3600
        for phase, speed in zip(plan.phases, speeds, strict=True)
    )


def _notes(plan: Plan, config: BertConfig, target: Target) -> Iterable[str]:
    """What is known of the speed of each phase, what is guessed, and which rows a TPU pads."""
    device = target.device
    if device is None:
        return
    network = network_name(config, plan.model)
    for phase in plan.phases:
        speed = speed_of(phase, network, device, target.count, target.mfu)
        yield f"speed of {phase.name}: {describe_speed(speed)}"
        rows = phase.batch // (_micro_batches(plan, phase, config, target) * target.count)
        if device.is_tpu and padded_rows(rows) != rows:
            yield f"rows of {phase.name}: a TPU pads {rows} rows of a device to {padded_rows(rows)}; a multiple of 8 wastes none"


def describe_speed(speed: Speed) -> str:
    """Where the speed comes from, in words."""
    share, figures = f"{speed.mfu:.0%} of peak", speed.figures
    commit = f" (commit {figures.commit})" if figures and figures.commit else ""
    if speed.given:
        return f"{share}, as given"
    if speed.exact and figures and not figures.mfu:
        return f"{share} is a guess, as the compiler estimates no time for GPUs; {figures.bytes / 1e9:.1f} GB by the compiler{commit}"
    if figures is None or not figures.mfu:
        return f"{share} is a guess; `trainer plan compile` asks the compiler"
    if speed.exact:
        split = f"{figures.devices} x {figures.batch // (figures.devices * figures.micro_batches)} x {figures.micro_batches}"
        return f"{share} by the compiler for {figures.machine}{commit}, without exchanges, not measured; {figures.bytes / 1e9:.1f} GB as {split}"
    return (
        f"{share} is a guess: the compiler's for {figures.plan} {figures.phase} on {figures.devices} x {figures.device}"
    )


def _kept(plan: Plan) -> str:
    rules = [
        f"every {rule.every:,}"
        + (f" after {rule.after:,}" if rule.after else "")
        + (f" to {rule.until:,}" if rule.until else "")
        for rule in plan.checkpoint.keep
    ]
    ends = ["the end of each phase"] if plan.checkpoint.keep_phase_ends else []
    return ", ".join([*rules, *ends, f"the last {plan.checkpoint.keep_last}"])
