"""Makes a plan smaller: fewer steps, or a toy version that runs anywhere in seconds."""

import dataclasses
from typing import Any

from trainer.plans.plan import Phase, Plan
from trainer.plans.settings import Initialisation, KeepRule

TOY_CONFIG = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}


def scale_steps(plan: Plan, factor: float) -> Plan:
    """The plan with all numbers of updates times `factor`: phases, warm-ups, decays, evaluations, checkpoints."""

    def scaled(value: int) -> int:
        return max(1, round(value * factor)) if value else 0

    def scale_phase(phase: Phase) -> Phase:
        rate = phase.learning_rate
        steps = scaled(phase.steps)
        warmup = min(scaled(rate.warmup_steps), steps - 1)
        rate = dataclasses.replace(rate, warmup_steps=warmup, decay_steps=scaled(rate.decay_steps))
        evaluation = dataclasses.replace(phase.evaluation, every=scaled(phase.evaluation.every))
        return dataclasses.replace(phase, steps=steps, learning_rate=rate, evaluation=evaluation)

    def scale_rule(rule: KeepRule) -> KeepRule:
        return KeepRule(every=scaled(rule.every), until=scaled(rule.until), after=scaled(rule.after))

    checkpoint = dataclasses.replace(
        plan.checkpoint,
        every=scaled(plan.checkpoint.every),
        keep=tuple(scale_rule(rule) for rule in plan.checkpoint.keep),
    )
    return dataclasses.replace(
        plan,
        phase=tuple(scale_phase(phase) for phase in plan.phases),
        checkpoint=checkpoint,
        log_every=scaled(plan.log_every),
    )


def toy(plan: Plan, *, steps: int = 12, batch: int = 4, length: int = 0, config: dict[str, Any] | None = None) -> Plan:
    """The phases, schedules and rules of the plan, with a network of two layers, small batches and few steps.

    The longest phase gets `steps` updates, and the others in proportion, at least two. With `length`, the longest
    sequences get this length and the others in proportion; without it they stay as they are, to fit data on disk. The
    weights are random, because a published checkpoint has another size. A plan of distillation keeps its network, which
    is as wide as the teacher's.
    """
    scaled = scale_steps(plan, steps / max(phase.steps for phase in plan.phases))
    longest = max(phase.sequence_length for phase in plan.phases)

    def shrink(phase: Phase) -> Phase:
        new_length = max(8, phase.sequence_length * length // longest) if length else phase.sequence_length
        predictions = max(1, phase.predictions * new_length // phase.sequence_length)
        if not length:
            predictions = phase.max_predictions
        evaluation = dataclasses.replace(phase.evaluation, batches=min(phase.evaluation.batches, 2))
        return dataclasses.replace(
            phase,
            batch=batch,
            steps=max(2, phase.steps),
            sequence_length=new_length,
            max_predictions=predictions,
            accumulation=min(phase.accumulation, 2),
            evaluation=evaluation,
        )

    smaller = {} if plan.distillation else TOY_CONFIG
    model = dataclasses.replace(
        plan.model, config={**plan.model.config, **smaller, **(config or {})}, compute_dtype="float32"
    )
    phases = tuple(shrink(phase) for phase in scaled.phases)
    return dataclasses.replace(scaled, phase=phases, model=model, init=Initialisation())
