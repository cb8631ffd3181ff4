"""The plan of one fine-tuning run: one phase of AdamW with warm-up and linear decay, evaluated after every epoch."""

from trainer.finetuning.settings import FinetuneSettings
from trainer.plans.plan import Phase, Plan
from trainer.plans.settings import (
    Checkpointing,
    Evaluation,
    Guard,
    Initialisation,
    LearningRate,
    ModelSettings,
    OptimizerSettings,
)
from trainer.scores.scores_of import LOWER_IS_BETTER

PHASE = "finetune"
_LOWEST = LOWER_IS_BETTER | {"loss"}


def finetuning_plan(
    settings: FinetuneSettings, rate: float, seed: int, *, sequence_length: int, steps_per_epoch: int, metric: str
) -> Plan:
    """The plan of one rate and one seed. Raises UserError, from the settings of a phase, if it cannot be run.

    Bias correction is on: without it the first updates are too large, and runs on little data end degenerate more often
    (Mosbach et al. 2021, "On the stability of fine-tuning BERT"). A spike of the loss is ignored, because single batches
    of a nearly learned task differ by more than a factor of two.
    """
    steps = settings.epochs * steps_per_epoch
    phase = Phase(
        name=PHASE,
        sequence_length=sequence_length,
        batch=settings.batch,
        steps=steps,
        learning_rate=LearningRate(peak=rate, warmup_steps=int(settings.warmup * steps), decay="linear"),
        accumulation=settings.accumulation,
        optimizer=OptimizerSettings(name="adamw", weight_decay=settings.weight_decay),
        evaluation=Evaluation(
            every=steps_per_epoch,
            metric=metric,
            best="lowest" if metric in _LOWEST else "highest",
            patience=settings.patience,
        ),
    )
    return Plan(
        name=f"finetune_{settings.task.task}",
        phase=(phase,),
        description=f"{settings.model} on {', '.join(settings.train)}",
        seed=seed,
        log_every=max(1, min(100, steps_per_epoch // 4)),
        model=ModelSettings(compute_dtype=settings.compute_dtype),
        init=Initialisation(checkpoint=settings.model),
        checkpoint=Checkpointing(every=max(1, min(steps_per_epoch, 1000)), keep_last=1),
        guard=Guard(on_spike="ignore"),
    )
